import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { createFakeRoom } from '../testSupport/createFakeRoom.ts';
import { createTestClient, say } from '../testSupport/createTestClient.ts';
import { toPlainText } from './textRoot.ts';

/** A note's outline, a rich text, synchronised. */
async function openOutline() {
  const client = createTestClient();
  await client.server.accept();
  const handle = client.weft.note('n1');
  client.server.say(say.state('t1'));
  const outline = handle.text('outline');
  const room = createFakeRoom(client.server, { field: 'outline' });
  await room.open();
  room.answer();
  return { ...client, handle, outline, room };
}

function createParagraph(text: string): Y.XmlElement {
  const paragraph = new Y.XmlElement('paragraph');
  paragraph.insert(0, [new Y.XmlText(text)]);
  return paragraph;
}

it('[RIC3] a rich text has an XML fragment under the field’s name, and a plain one a text', async () => {
  const { handle, outline } = await openOutline();
  expect(outline.yxml).toBeInstanceOf(Y.XmlFragment);
  expect(outline.yxml).toBe(outline.doc.getXmlFragment('outline'));
  expect(outline).not.toHaveProperty('ytext');
  expect(handle.text('body').ytext).toBeInstanceOf(Y.Text);
  expect(handle.text('body')).not.toHaveProperty('yxml');
});

it('[RIC3] a rich text is synchronised both ways, and saved', async () => {
  const { handle, outline, room } = await openOutline();
  outline.yxml.insert(0, [createParagraph('mine')]);
  expect(handle.saveState.status).toBe('saving');
  room.answer();
  room.save();
  expect(handle.saveState.status).toBe('saved');
  const theirs = room.doc.getXmlFragment('outline');
  expect(theirs.toString()).toBe('<paragraph>mine</paragraph>');
  const before = Y.encodeStateVector(room.doc);
  theirs.insert(1, [createParagraph('theirs')]);
  room.show(Y.encodeStateAsUpdate(room.doc, before));
  expect(outline.yxml.toString()).toBe('<paragraph>mine</paragraph><paragraph>theirs</paragraph>');
});

it('[RIC3] undo takes back own edits of a rich text, at any depth, and nobody else’s', async () => {
  const { outline, room } = await openOutline();
  const paragraph = createParagraph('mine');
  outline.yxml.insert(0, [paragraph]);
  outline.undo.stopCapturing();
  (paragraph.get(0) as Y.XmlText).insert(4, ' as well');
  room.answer();
  const before = Y.encodeStateVector(room.doc);
  room.doc.getXmlFragment('outline').insert(1, [createParagraph('theirs')]);
  room.show(Y.encodeStateAsUpdate(room.doc, before));
  outline.undo.undo();
  expect(outline.yxml.toString()).toBe('<paragraph>mine</paragraph><paragraph>theirs</paragraph>');
  outline.undo.undo();
  expect(outline.yxml.toString()).toBe('<paragraph>theirs</paragraph>');
});

it('[RIC3] [EPO4] the rescue copy of a rich text has it as lines, and whole', async () => {
  const { outline, room } = await openOutline();
  const list = new Y.XmlElement('list');
  list.insert(0, [createParagraph('one'), createParagraph('two')]);
  outline.yxml.insert(0, [createParagraph('A list'), list]);
  (outline.yxml.firstChild as Y.XmlElement).insert(1, [
    new Y.XmlElement('image'),
    new Y.XmlText('!'),
    new Y.XmlElement('hard_break'),
    new Y.XmlText('of two'),
  ]);
  room.end(4409, 'the text was erased');
  const state = outline.peek();
  const rescue = state.status === 'closed' ? state.rescue : undefined;
  expect(rescue?.text).toBe('A list!\nof two\none\ntwo');
  const doc = new Y.Doc();
  Y.applyUpdate(doc, rescue?.update ?? new Uint8Array());
  expect(doc.getXmlFragment('outline').toString()).toBe(outline.yxml.toString());
});

it('[EPO4] plain text is read of formatted text without its formatting', () => {
  const doc = new Y.Doc();
  const xml = new Y.XmlText();
  doc.getXmlFragment('outline').insert(0, [xml]);
  xml.insert(0, 'bold', { strong: {} });
  xml.insertEmbed(4, { image: 'x' });
  expect(toPlainText(doc.getXmlFragment('outline'))).toBe('bold');
});
