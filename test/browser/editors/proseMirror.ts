import { schema } from 'prosemirror-schema-basic';
import { type Command, EditorState, Plugin } from 'prosemirror-state';
import { EditorView } from 'prosemirror-view';
import { undoCommand, yCursorPlugin, ySyncPlugin, yUndoPlugin } from 'y-prosemirror';
import type { OpenEditor } from './shared.ts';

export const openProseMirror: OpenEditor = ({ doc, field, awareness, parent }) => {
  const plugins = [
    ySyncPlugin(doc.getXmlFragment(field)),
    yCursorPlugin(awareness),
    yUndoPlugin(),
    keys({ b: toggleBold, z: undoCommand }),
  ];
  new EditorView(parent, { state: EditorState.create({ schema, plugins }) });
};

/** Bold for what is typed next, or no longer. */
const toggleBold: Command = (state, dispatch) => {
  const bold = schema.mark('strong');
  const marks = state.storedMarks ?? state.selection.$from.marks();
  dispatch?.(bold.isInSet(marks) ? state.tr.removeStoredMark(bold) : state.tr.addStoredMark(bold));
  return true;
};

/** Commands by the key that is pressed together with Control. */
function keys(commands: Readonly<Record<string, Command>>): Plugin {
  return new Plugin({
    props: {
      handleKeyDown: (view, { ctrlKey, key }) =>
        ctrlKey && commands[key]?.(view.state, view.dispatch.bind(view), view) === true,
    },
  });
}
