import './withoutEval.ts';
import { guardUnload } from '@weft/client';
import { WeftProvider } from '@weft/client/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { flushSync } from 'react-dom';
import { App } from './App.tsx';
import { createNotices, NoticesContext } from './notices.ts';
import { describeLate } from './outcomes.ts';
import { loadName, storeName } from './person.ts';
import { ErrorBoundary } from './shell/ErrorBoundary.tsx';
import { connect } from './weft.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/header.css';
import './styles/list.css';
import './styles/note.css';
import './styles/editor.css';
import './styles/dialog.css';

const element = document.getElementById('root');
if (!element) throw new Error('index.html has no #root');
const root = createRoot(element);
const notices = createNotices();
// Before a page is left, the draft of the control that has the focus is committed.
addEventListener('beforeunload', () => (document.activeElement as HTMLElement | null)?.blur());
start(loadName());

/** Shows the page as one person's. Another person is another client: Yjs client ids belong to who used them first. */
function start(name: string): void {
  storeName(name);
  const weft = connect(name, (late) => notices.add(describeLate(late), late.id));
  const stopGuarding = guardUnload(weft);

  /** Refused while something is unsaved, which was written under the old name and would wait for it to come back. */
  function rename(next: string): boolean {
    const state = weft.saveState.peek();
    if (state.status === 'blocked' || ('pending' in state && state.pending > 0)) return false;
    stopGuarding();
    flushSync(() => start(next));
    void weft.close();
    return true;
  }

  root.render(
    <StrictMode>
      <ErrorBoundary>
        <NoticesContext value={notices}>
          <WeftProvider client={weft}>
            <App key={name} name={name} onRename={rename} />
          </WeftProvider>
        </NoticesContext>
      </ErrorBoundary>
    </StrictMode>,
  );
}
