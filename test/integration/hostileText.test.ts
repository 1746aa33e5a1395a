import {
  CLOSE_CODES,
  type CloseReason,
  encodeTextFrame,
  MAX_AWARENESS_FRAME_BYTES,
  MAX_TEXT_FRAME_BYTES,
} from '@weft/client/protocol';
import { createServer, type WeftServer } from '@weft/server';
import { join } from 'node:path';
import * as encoding from 'lib0/encoding';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as Y from 'yjs';
import { note } from '../../examples/notes/note.ts';
import { call } from '../support/httpClient.ts';
import { openRawChannel, openRawStockText, type OpenRawText } from '../support/rawText.ts';
import { openStockText } from '../support/stockTextClient.ts';
import { createTemporaryFolder } from '../support/temporaryFolder.ts';
import { startTestServer } from '../support/testServer.ts';
import { until } from '../support/until.ts';
import { buildUpdate, collected, contents, item, skipped, TYPES } from '../support/updateBuilder.ts';

const PATHS: [name: string, open: OpenRawText][] = [
  ['a socket of its own', openRawStockText],
  ['a channel of a session', openRawChannel],
];

/** Ada's client id, whose first five clocks are known. */
const ADA = 7;
const EVE = 9;

type Attack = readonly [name: string, frame: Uint8Array, reason: CloseReason];

const update = (bytes: Uint8Array): Uint8Array => encodeTextFrame({ kind: 'update', update: bytes });
const sync = (bytes: Uint8Array): Uint8Array => encodeTextFrame({ kind: 'sync-step-2', update: bytes });
const own = (...structs: ReturnType<typeof item>[]): Uint8Array =>
  update(buildUpdate({ sections: [{ client: EVE, structs }] }));
const adas = (clock: number, ...structs: ReturnType<typeof item>[]): Uint8Array =>
  update(buildUpdate({ sections: [{ client: ADA, clock, structs }] }));

const sound = buildUpdate({ sections: [{ client: EVE, structs: [item(contents.string('x'))] }] });
const zeros = [...Array<number>(200).fill(0x80), 0];
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

const MANY = 65_537;
const many = (struct: ReturnType<typeof item>): Uint8Array =>
  update(buildUpdate({ sections: [{ client: EVE, structs: Array.from({ length: MANY }, () => struct) }] }));

const UPDATES: Attack[] = [
  ...Array.from({ length: sound.length }, (_, length): Attack => {
    return [`cut after ${length} bytes`, update(sound.subarray(0, length)), 'invalid-message'];
  }),
  ['an over-long number as a client', update(Uint8Array.of(1, 1, ...zeros, 0, 0, 1, 0)), 'invalid-message'],
  ['an over-long number as a length', update(Uint8Array.of(1, 1, 7, 0, 0, ...zeros, 0)), 'invalid-message'],
  ['a number that never ends', update(new Uint8Array(1_000_000).fill(0xff)), 'invalid-message'],
  ['2^32 clients claimed', update(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x10, 0)), 'invalid-message'],
  ['2^32 structs claimed', update(Uint8Array.of(1, 0x80, 0x80, 0x80, 0x80, 0x10, 9, 0)), 'invalid-message'],
  ['2^32 deletions claimed', update(Uint8Array.of(0, 1, 9, 0x80, 0x80, 0x80, 0x80, 0x10)), 'invalid-message'],
  [
    'a string of 2^32 bytes claimed',
    own(item(contents.raw(4, 0x80, 0x80, 0x80, 0x80, 0x10))),
    'invalid-message',
  ],
  ['content of no type', own(item(contents.raw(11, 1))), 'invalid-message'],
  ['another root', own(item(contents.string('x'), { root: 'title' })), 'invalid-message'],
  ['text under a key', own(item(contents.string('x'), { key: 'k' })), 'invalid-message'],
  ['text inside something', own(item(contents.string('x'), { parent: [ADA, 0] })), 'invalid-message'],
  ['an array', own(item(contents.type(TYPES.array))), 'invalid-message'],
  ['a map', own(item(contents.type(TYPES.map))), 'invalid-message'],
  ['an XML element', own(item(contents.type(TYPES.element, 'p'))), 'invalid-message'],
  ['an XML fragment', own(item(contents.type(TYPES.fragment))), 'invalid-message'],
  ['a sub-document', own(item(contents.document('x'))), 'invalid-message'],
  ['a file', own(item(contents.binary(Uint8Array.of(1)))), 'invalid-message'],
  ['an attribute', own(item(contents.any(['x']), { key: 'class' })), 'invalid-message'],
  ['the second encoding', update(toSecondEncoding()), 'invalid-message'],
  ['bytes after it', update(Uint8Array.of(...sound, 0)), 'invalid-message'],
  ['a collected run of somebody’s next clocks', adas(5, collected(3)), 'forbidden'],
  ['a collected run of somebody’s far clocks', adas(50, collected(3)), 'forbidden'],
  ['a collected run over somebody’s known and next clocks', adas(0, collected(8)), 'forbidden'],
  [
    'a deleted run of somebody’s next clocks',
    adas(5, item(contents.deleted(3), { after: [ADA, 4] })),
    'forbidden',
  ],
  ['text of somebody’s next clocks', adas(5, item(contents.string('x'), { after: [ADA, 4] })), 'forbidden'],
  [
    'text of somebody’s, after what is left out',
    adas(5, skipped(3), item(contents.string('x'))),
    'forbidden',
  ],
  ['a skip that nothing follows', adas(5, skipped(3)), 'invalid-message'],
  ['a collected run of 2^24 + 1', own(collected(2 ** 24 + 1)), 'invalid-message'],
  ['a skip of 2^24 + 1', own(skipped(2 ** 24 + 1), item(contents.string('x'))), 'invalid-message'],
  ['a clock beyond 2^31', update(buildUpdate({ deletions: [[EVE, [[2 ** 31, 1]]]] })), 'invalid-message'],
  ['an empty run', own(collected(0)), 'invalid-message'],
  ['an item beside itself', own(item(contents.string('x'), { after: [EVE, 0] })), 'invalid-message'],
  ['65,537 structs', many(collected(1)), 'too-big'],
  ['65,537 letters', many(item(contents.string('x'))), 'too-big'],
  [
    '65,537 deletions',
    update(buildUpdate({ deletions: [[ADA, Array.from({ length: MANY }, () => [0, 1] as const)]] })),
    'too-big',
  ],
  ['an embedded value of a megabyte', own(item(contents.embed(`"${'x'.repeat(2 ** 20)}"`))), 'too-big'],
  [
    'a formatting value of a megabyte',
    own(item(contents.format('a', `"${'x'.repeat(2 ** 20)}"`))),
    'too-big',
  ],
  ['a formatting name of a megabyte', own(item(contents.format('x'.repeat(2 ** 20), '1'))), 'too-big'],
  ['an embedded value 65 deep', own(item(contents.embed(nested(65)))), 'invalid-message'],
  ['an embedded value 30,000 deep', own(item(contents.embed(nested(30_000)))), 'invalid-message'],
  ['an embedded value that is no JSON', own(item(contents.embed('{'))), 'invalid-message'],
  ['half a character as UTF-8', own(item(contents.raw(4, 3, 0xed, 0xa0, 0xbd))), 'invalid-message'],
  ['an answer that is cut', sync(sound.subarray(0, -1)), 'invalid-message'],
  [
    'an answer with somebody’s clocks',
    sync(buildUpdate({ sections: [{ client: ADA, clock: 5, structs: [collected(1)] }] })),
    'forbidden',
  ],
];

const awareness = (states: Uint8Array): Uint8Array => encodeTextFrame({ kind: 'awareness', states });
const state = (json: string, clock = 1, client = EVE): Uint8Array =>
  awareness(
    encoding.encode((encoder) => {
      for (const number of [1, client, clock]) encoding.writeVarUint(encoder, number);
      encoding.writeVarString(encoder, json);
    }),
  );

const AWARENESS: Attack[] = [
  ['a state that is no JSON', state('{"a":'), 'invalid-message'],
  ['a state that is empty', state(''), 'invalid-message'],
  ['a state 65 deep', state(nested(65)), 'invalid-message'],
  ['a state 30,000 deep', state(nested(30_000)), 'invalid-message'],
  ['a clock of 2^53 - 1', state('{}', Number.MAX_SAFE_INTEGER), 'invalid-message'],
  [
    'a clock of 2^53',
    awareness(Uint8Array.of(1, 9, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10, 2, 123, 125)),
    'invalid-message',
  ],
  ['an over-long clock', awareness(Uint8Array.of(1, 9, ...zeros, 2, 123, 125)), 'invalid-message'],
  ['an over-long client', awareness(Uint8Array.of(1, ...zeros, 1, 2, 123, 125)), 'invalid-message'],
  ['2^32 states claimed', awareness(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x10)), 'invalid-message'],
  ['bytes after the states', awareness(Uint8Array.of(0, 0)), 'invalid-message'],
  ['no states', awareness(new Uint8Array()), 'invalid-message'],
  ['a state of a megabyte', state(`"${'x'.repeat(2 ** 20)}"`), 'too-big'],
  ['a frame of 64 KiB and one', awareness(new Uint8Array(MAX_AWARENESS_FRAME_BYTES + 1)), 'too-big'],
];

const vector = (...bytes: number[]): Uint8Array =>
  encodeTextFrame({ kind: 'sync-step-1', stateVector: Uint8Array.from(bytes) });

const FRAMES: Attack[] = [
  ['an unknown type', Uint8Array.of(9), 'invalid-message'],
  ['an unknown type of sync', Uint8Array.of(0, 3, 0), 'invalid-message'],
  ['a frame of a server', encodeTextFrame({ kind: 'saved', count: 5 }), 'invalid-message'],
  ['a refusal of a server', Uint8Array.of(2, 0, 1, 120), 'invalid-message'],
  ['no type', new Uint8Array(), 'invalid-message'],
  ['an over-long type', Uint8Array.from(zeros), 'invalid-message'],
  ['two messages', Uint8Array.of(3, 3), 'invalid-message'],
  ['an update of 2^32 bytes claimed', Uint8Array.of(0, 2, 0x80, 0x80, 0x80, 0x80, 0x10), 'invalid-message'],
  ['no state vector', vector(), 'invalid-message'],
  ['a cut state vector', vector(1, 7), 'invalid-message'],
  ['bytes after a state vector', vector(0, 0), 'invalid-message'],
  ['2^32 clients in a state vector', vector(0x80, 0x80, 0x80, 0x80, 0x10), 'invalid-message'],
  ['an over-long state vector', vector(1, 7, ...zeros), 'invalid-message'],
];

function toSecondEncoding(): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('body').insert(0, 'x');
  return Y.encodeStateAsUpdateV2(doc);
}

/** A server with a note whose body Ada has open, and that says `hello`. */
async function startNotes(options: Parameters<typeof startTestServer>[0] = {}) {
  const server = await startTestServer(options);
  const url = server.url;
  await call(`${url}/api/note/n1`, 'PUT', { body: { title: 'Plan' } });
  const ada = openStockText(url, 'note/n1/body', { clientId: ADA, token: 'Ada' });
  await ada.whenSynced();
  ada.text.insert(0, 'hello');
  await until(async () => (await readText(url)).text === 'hello', { describe: 'the text of Ada' });
  return { server, url, ada };
}

async function readText(url: string) {
  const { text, headers } = await call(`${url}/api/note/n1/texts/body`, 'GET');
  return { text, revision: headers.get('ETag') };
}

/** The text as somebody gets it who comes new. */
async function readAsNewcomer(url: string): Promise<Uint8Array> {
  const reader = openStockText(url, 'note/n1/body', { token: 'Cleo' });
  await reader.whenSynced();
  const state = Y.encodeStateAsUpdate(reader.doc);
  reader.close();
  return state;
}

describe.each(PATHS)('a text on %s', (_name, open) => {
  it.each([
    ['[CHK1] [CHK2] [CHK3] [CHK5] [CHK6] [TXT4]', 'update', UPDATES],
    ['[CHK8]', 'awareness', AWARENESS],
    ['[TXT15]', 'frame', FRAMES],
  ])('%s refuses every hostile %s, and stays as it was', async (_rules, _kind, attacks) => {
    const { url, ada } = await startNotes();
    const before = [await readText(url), await readAsNewcomer(url)];
    const seen: string[] = [];

    for (const [name, frame, reason] of attacks) {
      const eve = await open(url, 'Eve');
      eve.send(frame);
      const code = await eve.closed();
      if (code !== CLOSE_CODES[reason]) seen.push(`${name}: ${code}`);
    }

    expect(seen).toEqual([]);
    expect([await readText(url), await readAsNewcomer(url)]).toEqual(before);
    expect([...ada.provider.awareness.getStates().keys()]).toEqual([ADA]);
    const ben = openStockText(url, 'note/n1/body', { token: 'Ben' });
    await ben.whenSynced();
    ada.text.insert(5, '!');
    await until(() => ben.text.toJSON() === 'hello!', { describe: 'what Ada typed afterwards' });
  });

  it('[TXT15] refuses a frame that is too big', async () => {
    const { url } = await startNotes();
    const eve = await open(url, 'Eve');
    eve.send(update(new Uint8Array(MAX_TEXT_FRAME_BYTES)));
    // Where the socket refuses the message itself, the code is that of WebSocket.
    expect([CLOSE_CODES['too-big'], 1009]).toContain(await eve.closed());
    expect((await readText(url)).text).toBe('hello');
  });

  it('[TXT5] neither stores nor refuses what is not whole', async () => {
    const { url } = await startNotes();
    const before = [await readText(url), await readAsNewcomer(url)];
    const eve = await open(url, 'Eve');
    eve.send(update(buildUpdate({ deletions: [[ADA, [[3, 20]]]] })));
    eve.send(update(buildUpdate({ sections: [{ client: EVE, clock: 4, structs: [collected(1)] }] })));
    eve.send(own(item(contents.string('x'), { after: [ADA, 50] })));
    // A refusal shows that everything before it was read.
    eve.send(Uint8Array.of(9));
    expect(await eve.closed()).toBe(CLOSE_CODES['invalid-message']);
    expect([await readText(url), await readAsNewcomer(url)]).toEqual(before);
  });

  it('[CHK4] keeps what is known, whatever somebody resends of it', async () => {
    const { url, ada } = await startNotes();
    const before = [await readText(url), await readAsNewcomer(url)];
    for (const token of ['Eve', 'Ada']) {
      const forger = await open(url, token);
      forger.send(adas(0, item(contents.string('HELLO'))));
      forger.send(adas(0, collected(5)));
      forger.send(adas(2, item(contents.deleted(2), { after: [ADA, 1] })));
      forger.send(Uint8Array.of(9));
      expect(await forger.closed()).toBe(CLOSE_CODES['invalid-message']);
    }
    expect([await readText(url), await readAsNewcomer(url)]).toEqual(before);
    // Where somebody repeats what is her own and goes on, only what comes after is taken.
    const second = await open(url, 'Ada');
    second.send(own(item(contents.string(' there'), { after: [ADA, 4] })));
    second.send(own(item(contents.string(' THERE!'), { after: [ADA, 4] })));
    await until(() => ada.text.toJSON() === 'hello there!', { describe: 'what was new' });
    expect((await readText(url)).text).toBe('hello there!');
  });

  it('[CHK8] [TXT12] shows no states but those of the socket itself, and none after it', async () => {
    const { url, ada } = await startNotes();
    ada.provider.awareness.setLocalState({ name: 'Ada' });
    const eve = await open(url, 'Eve');
    eve.send(state('{"name":"Eve as Ada"}', 1000, ADA));
    eve.send(state('{"name":"Eve"}', 1, EVE));
    const crowd = encoding.encode((encoder) => {
      encoding.writeVarUint(encoder, 10_000);
      for (let client = 0; client < 10_000; client++) {
        encoding.writeVarUint(encoder, 1000 + client);
        encoding.writeVarUint(encoder, 1);
        encoding.writeVarString(encoder, '1');
      }
    });
    eve.send(awareness(crowd));
    const { awareness: states } = ada.provider;
    await until(() => states.getStates().size === 65, { describe: 'as many states as a socket may have' });
    expect(states.getStates().get(ADA)).toEqual({ name: 'Ada' });
    eve.send(Uint8Array.of(9));
    await eve.closed();
    await until(() => states.getStates().size === 1, { describe: 'the end of Eve’s states' });
  });
});

describe('a text on the wire', () => {
  it('[TXT15] a text frame where binary is due closes the socket', async () => {
    const { url } = await startNotes();
    const eve = await openRawStockText(url, 'Eve');
    eve.sendText('{"type":"hello"}');
    expect(await eve.closed()).toBe(CLOSE_CODES['invalid-message']);
  });
});

describe('a server that starts again', () => {
  async function startOnFile(path: string): Promise<WeftServer> {
    return createServer({ aggregates: [note], port: 0, store: `sqlite:${path}` });
  }

  it('[CHK3] still knows whose a client id is, before and after a snapshot', async () => {
    const path = join(await createTemporaryFolder(), 'weft.db');
    let server = await startOnFile(path);
    onTestFinished(() => server.close());
    await call(`${server.url}/api/note/n1`, 'PUT', { body: { title: 'Plan' } });
    let typed = '';
    for (const letters of ['hello'.repeat(100_000), ' there', '!']) {
      const ada = await openRawStockText(server.url, 'Ada');
      const place = typed === '' ? {} : { after: [ADA, typed.length - 1] as const };
      ada.send(adas(typed.length, item(contents.string(letters), place)));
      typed += letters;
      await until(async () => (await readText(server.url)).text === typed, { describe: 'what Ada typed' });
      // So much at once makes the first start leave a snapshot; the next ones begin with it.
      await server.close();
      server = await startOnFile(path);
      const eve = await openRawStockText(server.url, 'Eve');
      eve.send(adas(typed.length, collected(3)));
      expect(await eve.closed()).toBe(CLOSE_CODES.forbidden);
      expect((await readText(server.url)).text).toBe(typed);
    }
  });

  it('[CHK7] gives any legal text back unchanged, to who was there and who comes new', async () => {
    const path = join(await createTemporaryFolder(), 'weft.db');
    let server = await startOnFile(path);
    onTestFinished(() => server.close());
    await call(`${server.url}/api/note/n1`, 'PUT', { body: { title: 'Plan' } });
    const odd = [
      'a\0b',
      '\u202Eabc\u2069',
      '\uFEFF',
      'e\u0301\u0323',
      '👩‍👩‍👧',
      '\uFFFF\u{10FFFF}',
      '\r\n\u2028',
    ];
    const ada = openStockText(server.url, 'note/n1/body', { clientId: ADA, token: 'Ada' });
    const ben = openStockText(server.url, 'note/n1/body', { token: 'Ben' });
    await Promise.all([ada.whenSynced(), ben.whenSynced()]);
    for (const letters of odd) ada.text.insert(0, letters, { mark: letters });
    ada.doc.transact(() => {
      ada.text.insert(0, '\uD83D', {});
      ada.text.insert(1, '\uDE00', {});
    });
    const expected = ['😀', ...odd.toReversed()].join('');
    await until(() => ben.text.toJSON() === expected, { describe: 'the text at Ben’s' });
    expect(ada.text.toJSON()).toBe(expected);
    expect(ben.text.toDelta()).toEqual(ada.text.toDelta());
    const delta = ada.text.toDelta() as unknown;
    for (const client of [ada, ben]) client.close();
    for (let round = 0; round < 2; round++) {
      await server.close();
      server = await startOnFile(path);
      expect((await readText(server.url)).text).toBe(expected);
      const cleo = openStockText(server.url, 'note/n1/body', { token: 'Cleo' });
      await cleo.whenSynced();
      expect(cleo.text.toDelta()).toEqual(delta);
      cleo.close();
    }
  });
});
