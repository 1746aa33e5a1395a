import { expect, it, onTestFinished } from 'vitest';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { checkedAwareness } from './checkedAwareness.ts';
import { colorOfPerson } from './colorOfPerson.ts';

const PEER = 4711;

function readPeer(state: Record<string, unknown>) {
  const doc = new Y.Doc();
  onTestFinished(() => doc.destroy());
  doc.getText('body').insert(0, 'abc');
  const awareness = new Awareness(doc);
  awareness.states.set(PEER, state);
  return { doc, read: checkedAwareness(awareness).getStates().get(PEER) };
}

it('takes a colour from the name, and never from the peer', () => {
  const color = 'red; position: fixed; inset: 0';
  const { read } = readPeer({ user: { name: 'Wren', color, colorLight: color } });
  expect(read?.user).toEqual({
    name: 'Wren',
    color: colorOfPerson('Wren'),
    colorLight: `${colorOfPerson('Wren')}33`,
  });
});

it.each([undefined, 'Wren', { name: 7 }, { name: ' \u0000 ' }])(
  'calls a peer whose user is %j somebody',
  (user) => {
    expect(readPeer({ user }).read?.user.name).toBe('Somebody');
  },
);

it('shortens a name that would cover the page', () => {
  expect(readPeer({ user: { name: 'x'.repeat(5000) } }).read?.user.name).toHaveLength(80);
});

it.each([
  undefined,
  'here',
  { anchor: 1, head: 2 },
  { anchor: { item: { client: 1 } } },
  { anchor: { item: { client: 'a', clock: -1 }, type: null, tname: null }, head: null },
])('shows no cursor where a peer sends %j for one', (cursor) => {
  expect(readPeer({ cursor }).read?.cursor).toBeNull();
});

it('shows the cursor of a peer', () => {
  const anchor = { type: null, tname: 'body', item: null, assoc: 0 };
  const { read } = readPeer({ cursor: { anchor, head: anchor } });
  expect(read?.cursor).toEqual({ anchor, head: anchor });
});
