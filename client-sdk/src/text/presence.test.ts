import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { createTestClient, say } from '../testSupport/createTestClient.ts';
import { ALICE, BOB } from '../testSupport/fakeServer.ts';
import { openBody } from '../testSupport/openTestBody.ts';
import { createPresence } from './presence.ts';
import { toUserColor } from './toUserColor.ts';

type Body = Awaited<ReturnType<typeof openBody>>;

/** Somebody else in the text, who may say anything. */
function join({ server, room }: Body, clientId: number) {
  const doc = new Y.Doc();
  doc.clientID = clientId;
  const awareness = new Awareness(doc);
  onTestFinished(() => awareness.destroy());
  return {
    say: (state: unknown): void => {
      awareness.setLocalState(state as Record<string, unknown> | null);
      server.sayFrame(room.channel, {
        kind: 'awareness',
        states: encodeAwarenessUpdate(awareness, [clientId]),
      });
    },
  };
}

const SELF = { user: { ...ALICE, ...toUserColor('alice') }, isSelf: true };
const BEN = { ...BOB, color: '#123456', colorLight: '#12345633' };

/** Where an index of the server's document is. */
function at({ room }: Body, index: number): Y.RelativePosition {
  return Y.createRelativePositionFromTypeIndex(room.doc.getText('body'), index);
}

describe('who is there', () => {
  it('[PRE1] is this client first, then everybody else by client id', async () => {
    const page = await openBody();
    const { body } = page;
    join(page, 7).say({ user: BEN });
    join(page, 3).say({ user: { ...BEN, id: 'cy', name: 'Cy' } });
    expect(body.presence.peek()).toMatchObject([
      { ...SELF, clientId: body.doc.clientID, cursor: undefined },
      { clientId: 3, isSelf: false, user: { id: 'cy', name: 'Cy' } },
      { clientId: 7, isSelf: false, user: BEN },
    ]);
  });

  it('[PRE1] is the same array until it is somebody else', async () => {
    const page = await openBody();
    const { body } = page;
    const ben = join(page, 7);
    ben.say({ user: BEN });
    const before = body.presence.peek();
    const heard = vi.fn();
    const stop = body.presence.subscribe(heard);
    ben.say({ user: BEN, isTyping: true });
    expect(heard).toHaveBeenCalledOnce();
    expect(body.presence.peek()).toBe(before);
    ben.say(null);
    expect(body.presence.peek()).toHaveLength(1);
    stop();
    ben.say({ user: BEN });
    expect(heard).toHaveBeenCalledTimes(2);
  });

  it('[PRE1] is looked up once per change, and only for whoever asks', () => {
    const doc = new Y.Doc();
    const awareness = new Awareness(doc);
    onTestFinished(() => awareness.destroy());
    const reading = vi.spyOn(awareness, 'getStates');
    const root = { ytext: doc.getText('body') };
    const presence = createPresence({ awareness, root, field: 'body', report: () => {} });
    awareness.setLocalState({ user: BEN });
    root.ytext.insert(0, 'a');
    expect(reading).not.toHaveBeenCalled();
    presence.peek();
    presence.peek();
    expect(reading).toHaveBeenCalledTimes(1);
    awareness.setLocalStateField('user', { ...BEN, name: 'Benjamin' });
    presence.peek();
    presence.peek();
    expect(reading).toHaveBeenCalledTimes(2);
  });

  it('[PRE1] is nobody once the text is closed, and nobody is told any more', async () => {
    const page = await openBody();
    const { body } = page;
    const heard = vi.fn();
    body.presence.subscribe(heard);
    const ben = join(page, 7);
    ben.say({ user: BEN });
    expect(body.presence.peek()).toHaveLength(2);
    body.close();
    const calls = heard.mock.calls.length;
    expect(body.presence.peek()).toEqual([]);
    ben.say(null);
    expect(heard).toHaveBeenCalledTimes(calls);
  });
});

describe('what others say', () => {
  it.each([
    ['nothing of themselves', {}],
    ['no object', 7],
    ['no user', { user: null }],
    ['a user that is a string', { user: 'Ben' }],
    ['a name that is a number', { user: { ...BEN, name: 7 } }],
    ['an id that is a number', { user: { ...BEN, id: 7 } }],
    ['a name without a letter to be seen', { user: { ...BEN, name: ' \u0000\u202e ' } }],
    ['a name that would cover the page', { user: { ...BEN, name: 'x'.repeat(81) } }],
  ])('[PRE1] is left out where they say %s', async (_what, state) => {
    const page = await openBody();
    join(page, 7).say(state);
    expect(page.body.presence.peek()).toHaveLength(1);
    const read = page.body.awareness.getStates().get(7);
    expect(read).toBeTypeOf('object');
    expect(read).not.toHaveProperty('user');
    expect(page.reports).toEqual([]);
  });

  it('[PRE1] styles nobody’s page: a colour is a colour, and a name has no marks that turn the text around', async () => {
    const page = await openBody();
    const color = 'red; position: fixed; inset: 0';
    join(page, 7).say({ user: { id: 'bob', name: '\u202eneB', color, colorLight: color, avatar: 'cat' } });
    const user = { id: 'bob', name: 'neB', ...toUserColor('bob') };
    expect(page.body.presence.peek()[1]?.user).toEqual(user);
    // What editor bindings read.
    expect(page.body.awareness.getStates().get(7)?.user).toEqual({ ...user, avatar: 'cat' });
  });

  it('[PRE1] goes by its name where a client without the SDK says no id', async () => {
    const page = await openBody();
    join(page, 7).say({ user: { name: 'Ben', color: '#123456' } });
    expect(page.body.presence.peek()[1]?.user).toEqual({ ...BEN, id: 'Ben', name: 'Ben' });
  });
});

describe('cursors', () => {
  it('[PRE1] are where their owners set them, in UTF-16 units, and move with what is typed before them', async () => {
    const page = await openBody();
    const { body, room } = page;
    room.type('a👍bc');
    join(page, 7).say({ user: BEN, cursor: { anchor: at(page, 3), head: at(page, 4) } });
    const cursor = () => body.presence.peek()[1]?.cursor;
    expect(cursor()).toEqual({ anchor: 3, head: 4 });
    const heard = vi.fn();
    body.presence.subscribe(heard);
    body.ytext.insert(0, '>>');
    expect(heard).toHaveBeenCalled();
    expect(cursor()).toEqual({ anchor: 5, head: 6 });
  });

  it('[PRE1] of this client are seen by whoever has the text open, as those of an editor', async () => {
    const page = await openBody();
    const { body } = page;
    body.ytext.insert(0, 'abc');
    body.setCursor({ anchor: 1, head: 99 });
    expect(body.presence.peek()[0]?.cursor).toEqual({ anchor: 1, head: 3 });
    const { anchor, head } = body.awareness.getLocalState()?.cursor as Record<string, Y.RelativePosition>;
    expect(JSON.parse(JSON.stringify({ anchor, head }))).toEqual({
      anchor: { type: null, tname: 'body', item: { client: body.doc.clientID, clock: 1 }, assoc: 0 },
      head: { type: null, tname: 'body', item: null, assoc: 0 },
    });
    expect(() => body.setCursor({ anchor: NaN, head: 1 })).toThrow(TypeError);
    expect(body.presence.peek()[0]?.cursor).toEqual({ anchor: 1, head: 3 });
    body.setCursor(undefined);
    expect(body.presence.peek()[0]?.cursor).toBeUndefined();
    expect(body.awareness.getLocalState()?.cursor).toBeNull();
  });

  it.each<unknown>([
    'here',
    { anchor: 1, head: 2 },
    { anchor: {}, head: {} },
    { anchor: { item: { client: 1 } }, head: { tname: 'body' } },
    { anchor: { item: { client: 'a', clock: -1 }, type: null, tname: null }, head: null },
    { anchor: { tname: 'elsewhere' }, head: { tname: 'elsewhere' } },
    { anchor: { tname: 'body', assoc: 'left' }, head: { tname: 'body' } },
  ])('[PRE1] are none where a peer sends %j for one, and end nobody else’s', async (cursor) => {
    const page = await openBody();
    const { body } = page;
    join(page, 7).say({ user: BEN, cursor });
    join(page, 8).say({ user: BEN, cursor: { anchor: { tname: 'body' }, head: { tname: 'body' } } });
    expect(body.presence.peek().map((peer) => peer.cursor)).toEqual([
      undefined,
      undefined,
      { anchor: 0, head: 0 },
    ]);
    expect(body.awareness.getStates().get(7)).not.toHaveProperty('cursor');
    expect([...body.doc.share.keys()]).toEqual(['body']);
  });

  it('[PRE1] are none where what they are at is not here yet', async () => {
    const page = await openBody();
    const nowhere = { item: { client: 12, clock: 3 }, type: null, tname: null };
    join(page, 7).say({ user: BEN, cursor: { anchor: nowhere, head: nowhere } });
    expect(page.body.presence.peek()[1]).toMatchObject({ user: BEN, cursor: undefined });
  });

  it('[PRE1] are for the editor to show in a rich text', async () => {
    const { weft, server } = createTestClient();
    await server.accept();
    const outline = weft.note('n1').text('outline');
    server.say(say.state('t1'));
    outline.awareness.setLocalStateField('cursor', {
      anchor: { tname: 'outline' },
      head: { tname: 'outline' },
    });
    expect(outline.presence.peek()).toMatchObject([{ ...SELF, cursor: undefined }]);
    expect(outline).not.toHaveProperty('setCursor');
  });
});

describe('an anchor', () => {
  it('[PRE2] stays with its character, whatever is typed around it, and may be kept as a string', async () => {
    const { body, room } = await openBody();
    body.ytext.insert(0, 'one two three');
    const anchor = body.createAnchor(4);
    expect(typeof anchor).toBe('string');
    room.answer();
    room.doc.getText('body').insert(0, 'zero ');
    room.show(Y.encodeStateAsUpdate(room.doc));
    body.ytext.insert(body.ytext.length, ' four');
    expect(body.readAnchor(anchor)).toBe(9);
    body.ytext.insert(9, '[');
    expect(body.readAnchor(anchor)).toBe(10);
    body.undo.stopCapturing();
    body.ytext.delete(10, 3);
    expect(body.readAnchor(anchor)).toBe(10);
    body.undo.undo();
    expect(body.ytext.toJSON().slice(body.readAnchor(anchor))).toBe('two three four');
  });

  it('[PRE2] stays with the character before it where that is asked for, and with the ends of a text', async () => {
    const { body } = await openBody();
    body.ytext.insert(0, 'ab');
    const [behind, before] = [body.createAnchor(1, -1), body.createAnchor(1)];
    const [start, end] = [body.createAnchor(0, -1), body.createAnchor(body.ytext.length)];
    body.ytext.insert(1, '--');
    expect([behind, before].map(body.readAnchor)).toEqual([1, 3]);
    body.ytext.insert(0, '>');
    body.ytext.insert(body.ytext.length, '<');
    expect([start, end].map(body.readAnchor)).toEqual([0, 6]);
  });

  it.each([-1, 3, 0.5, NaN, '1' as unknown as number])(
    '[PRE2] is not made at %j of two characters',
    async (index) => {
      const { body } = await openBody();
      body.ytext.insert(0, 'ab');
      expect(() => body.createAnchor(index)).toThrow(RangeError);
    },
  );

  it.each(['', 'nonsense', '7', '{}', '{"tname":"title"}', '{"item":{"client":1,"clock":1}}'])(
    '[PRE2] is none where it is %j',
    async (anchor) => {
      const { body } = await openBody();
      expect(body.readAnchor(anchor)).toBeUndefined();
    },
  );
});
