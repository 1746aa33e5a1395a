import { defineAggregate, richText, text } from '@weft/client/protocol';
import type { ServerOptions } from '@weft/server';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { createInMemoryEventStore } from '../../server/src/event-store/inMemoryEventStore.ts';
import { toTextStreamName } from '../../server/src/event-store/streamName.ts';
import type { EditOptions, TextEdit } from '../../server/src/text/edits/textEdit.ts';
import { call, type HttpRequest } from '../support/httpClient.ts';
import { openStockText } from '../support/stockTextClient.ts';
import { createTemporaryFolder } from '../support/temporaryFolder.ts';
import { startTestServer } from '../support/testServer.ts';
import { until } from '../support/until.ts';

const YJS = 'application/vnd.yjs.update';
const PATH = '/api/page/p1/texts/body';

const page = defineAggregate('page', { fields: {}, text: { body: text(), story: richText() } });

async function setUp(options: Partial<ServerOptions> = {}) {
  const store = options.store ?? createInMemoryEventStore();
  const server = await startTestServer({ aggregates: [page], ...options, store });
  const http = (method: string, path: string, { headers, ...request }: HttpRequest = {}) =>
    call(server.url + path, method, { headers: { Authorization: 'Bearer Ada', ...headers }, ...request });
  await http('PUT', '/api/page/p1', { body: {} });
  /** Sends a whole text. */
  const patch = (body: unknown, match?: string | null, headers: Record<string, string> = {}) =>
    http('PATCH', PATH, {
      body,
      headers: {
        'Content-Type': typeof body === 'string' ? 'text/plain' : 'application/json',
        ...(match !== undefined && match !== null && { 'If-Match': match }),
        ...headers,
      },
    });
  const readEvents = async (field = 'body') => {
    if (typeof store === 'string') throw new Error('only of a store that was given');
    const read = await store.readStream(toTextStreamName('page', field, 'p1'));
    return read.outcome === 'read' ? read.events : [];
  };
  return { server, store, http, patch, readEvents };
}

type World = Awaited<ReturnType<typeof setUp>>;

/** Somebody who has the text open. */
async function open({ server }: World, token: string) {
  const client = openStockText(server.url, 'page/p1/body', { token });
  await client.whenSynced();
  return client;
}

async function openStory({ server }: World, token: string) {
  const doc = new Y.Doc();
  const options = { disableBc: true, params: { token } };
  const provider = new WebsocketProvider(
    `${server.url.replace('http', 'ws')}/yjs`,
    'page/p1/story',
    doc,
    options,
  );
  onTestFinished(() => {
    provider.destroy();
    doc.destroy();
  });
  await until(() => provider.synced, { describe: 'the sync of the story' });
  return doc.getXmlFragment('story');
}

const readBody = async ({ http }: World) => (await http('GET', PATH)).text;
const tagOf = async ({ http }: World, path = PATH) => String((await http('GET', path)).headers.get('ETag'));

/** Changes the body and changes it back, until with the one change before it has enough of them for a snapshot. */
async function whenForgotten({ patch, readEvents }: World): Promise<void> {
  const isForgotten = async () => {
    const events = await readEvents();
    return events.length === 1 && events[0]?.type === 'TextSnapshotTaken';
  };
  for (let times = 0; times < 10; times++) {
    await patch({ edits: [{ at: 0, insert: 'x' }] }, '*');
    await patch({ edits: [{ at: 0, delete: 1 }] }, '*');
  }
  await until(isForgotten, { describe: 'a snapshot that covers everything' });
}

describe('a text over HTTP', () => {
  test('[EDT1] [EDT4] a whole text is written by the smallest edits, under a name, and seen by everyone', async () => {
    const world = await setUp();
    const { patch, readEvents } = world;
    const [ben, cleo] = [await open(world, 'Ben'), await open(world, 'Cleo')];
    ben.text.insert(0, 'The plan for may\n\nBring tents.');
    await until(() => cleo.text.length > 0, { describe: 'what Ben typed' });
    const tag = await tagOf(world);
    const place = Y.createRelativePositionFromTypeIndex(cleo.text, 24);
    const count = (await readEvents()).length;

    const answer = await patch('The plan for May\n\nBring two tents.', tag);

    expect(answer).toMatchObject({
      status: 200,
      json: { outcome: 'edited', merged: false, length: 34, revision: String(count) },
    });
    expect(answer.headers.get('ETag')).toBe(`"${count}"`);
    const events = await readEvents();
    expect(events).toHaveLength(count + 1);
    expect(events.at(-1)).toMatchObject({ type: 'TextUpdated', metadata: { user: { name: 'Ada' } } });
    expect(events.at(-1)!.data).toHaveProperty(
      'byteLength',
      expect.toSatisfy((size: number) => size < 80),
    );
    for (const { text: seen, doc } of [ben, cleo]) {
      await until(() => seen.toJSON() === 'The plan for May\n\nBring two tents.', { describe: 'the edit' });
      // A cursor stays at its word.
      expect(Y.createAbsolutePositionFromRelativePosition(place, doc)).toMatchObject({ index: 28 });
    }
  });

  test('[EDT2] [EDT3] edits are made where they belong in their version, and what others typed since stays', async () => {
    const world = await setUp();
    const { patch } = world;
    const [ben, cleo] = [await open(world, 'Ben'), await open(world, 'Cleo')];
    ben.text.insert(0, 'one two three');
    await until(async () => (await readBody(world)) === 'one two three', { describe: 'what Ben typed' });
    const tag = await tagOf(world);
    ben.text.insert(0, '😀 ');
    cleo.text.insert(cleo.text.length, '!');
    await until(async () => (await readBody(world)) === '😀 one two three!', { describe: 'what both typed' });

    const edits = [
      { at: 4, delete: 3, insert: '2' },
      { at: 13, insert: ' four' },
    ];
    const answer = await patch({ edits }, tag);

    expect(answer).toMatchObject({ status: 200, json: { outcome: 'edited', merged: true } });
    const wanted = '😀 one 2 three four!';
    expect(['😀 one 2 three four!', '😀 one 2 three! four']).toContain(await readBody(world));
    for (const { text: seen } of [ben, cleo]) {
      await until(() => seen.length === wanted.length, { describe: 'the edit' });
    }
    expect(ben.text.toJSON()).toBe(cleo.text.toJSON());
  });

  test('[EDT3] an edit beside two who type loses nothing of anybody', async () => {
    const world = await setUp();
    const { patch } = world;
    const [ben, cleo] = [await open(world, 'Ben'), await open(world, 'Cleo')];
    const tag = await tagOf(world);
    expect(tag).toBe('"empty"');
    const asked: ReturnType<typeof patch>[] = [];
    for (let index = 0; index < 20; index++) {
      ben.text.insert(ben.text.length, 'b');
      cleo.text.insert(0, 'c');
      asked.push(patch({ edits: [{ at: 0, insert: 'a' }] }, tag));
    }
    for (const answer of await Promise.all(asked)) expect(answer.status).toBe(200);
    const seen = () => [ben.text.toJSON(), cleo.text.toJSON()];
    await until(() => seen().every((whole) => whole.length === 60), { describe: 'everything' });
    expect(ben.text.toJSON()).toBe(cleo.text.toJSON());
    expect([...ben.text.toJSON()].sort().join('')).toBe('a'.repeat(20) + 'b'.repeat(20) + 'c'.repeat(20));
    await until(async () => (await readBody(world)) === ben.text.toJSON(), { describe: 'it all stored' });
  });

  test('[EDT3] a version that is not kept any more is 412, and one that is the snapshot is not', async () => {
    const world = await setUp();
    const { patch } = world;
    await patch('first', '*');
    await whenForgotten(world);
    const first = await tagOf(world);
    expect(await patch('first and second', first)).toMatchObject({ status: 200 });
    await whenForgotten(world);
    const second = await tagOf(world);
    const forgotten = await patch('first, second, third', first);
    expect(forgotten).toMatchObject({ status: 412, json: { type: 'urn:weft:problem:precondition-failed' } });
    expect(forgotten.headers.get('ETag')).toBe(second);
    expect(await patch('of the future', '"900"')).toMatchObject({ status: 412 });
    // The empty text is never forgotten.
    expect(await patch('> ', '"empty"')).toMatchObject({ status: 200, json: { merged: true } });
    expect((await readBody(world)).split('').sort()).toEqual([...'> first and second'].sort());
  });

  test('[EDT3] an edit without a version is 428, with a weak one 412, with none of ours 400', async () => {
    const world = await setUp();
    const { patch } = world;
    expect(await patch('x')).toMatchObject({
      status: 428,
      json: { type: 'urn:weft:problem:precondition-required' },
    });
    expect(await patch('x', 'W/"empty"')).toMatchObject({ status: 412 });
    expect(await patch('x', '"A token of the note"')).toMatchObject({ status: 400 });
    expect(await patch('x', '"1", "2"')).toMatchObject({ status: 400 });
    expect(await readBody(world)).toBe('');
  });

  test('[EDT4] what was answered is there after a restart, and so is the version that it was made from', async () => {
    const store = `sqlite:${await createTemporaryFolder()}/weft.db`;
    const first = await setUp({ store });
    const ben = await open(first, 'Ben');
    const answer = await first.patch('one two', '*');
    expect(answer.status).toBe(200);
    const tag = String(answer.headers.get('ETag'));
    await first.patch('one two three', tag);
    ben.close();
    await first.server.close();
    const again = await setUp({ store });
    expect(await readBody(again)).toBe('one two three');
    const newest = await tagOf(again);
    expect(await again.patch('1 two three', newest)).toMatchObject({ status: 200, json: { merged: false } });
    expect(await readBody(again)).toBe('1 two three');
  });

  test.each<[string, unknown, number, Record<string, string>?]>([
    [
      'edits that overlap',
      {
        edits: [
          { at: 0, delete: 2 },
          { at: 1, delete: 1 },
        ],
      },
      422,
    ],
    ['an edit beyond the text', { edits: [{ at: 9, insert: 'x' }] }, 422],
    ['an edit that halves a character', { edits: [{ at: 4, insert: 'x' }] }, 422],
    ['an edit at no whole number', { edits: [{ at: 0.5, insert: 'x' }] }, 422],
    ['an edit at no number', { edits: [{ at: '0', insert: 'x' }] }, 422],
    ['an edit of something else', { edits: [{ at: 0, retain: 3 }] }, 422],
    ['too many edits', { edits: Array.from({ length: 10_001 }, () => ({ at: 0, insert: 'x' })) }, 422],
    ['content of a rich text', { content: [{ type: 'element', name: 'p', children: [] }] }, 422],
    ['half a character', { edits: [{ at: 0, insert: '\ud83d' }] }, 422],
    ['edits and content', { edits: [], content: [] }, 400],
    ['neither', {}, 400],
    ['no JSON', '{', 400, { 'Content-Type': 'application/json' }],
    ['no UTF-8', new Uint8Array([0x61, 0xff]), 400, { 'Content-Type': 'text/plain' }],
    ['another charset', 'x', 415, { 'Content-Type': 'text/plain; charset=latin1' }],
    ['another type', 'x', 415, { 'Content-Type': 'text/html' }],
    ['a token of the note', 'x', 400, { 'Consistency-Token': 'AX3' }],
    ['a key that is none', 'x', 400, { 'Idempotency-Key': 'a b' }],
    ['If-None-Match: *', 'x', 412, { 'If-None-Match': '*' }],
    ['more than 8 MiB', 'x'.repeat(8 * 1024 * 1024 + 1), 413],
  ])('[EDT5] %s are refused, and nothing is applied', async (_what, body, status, headers) => {
    const world = await setUp();
    const { patch, readEvents } = world;
    await patch('abc😀d', '*');
    const before = await readEvents();
    const answer = await patch(body, await tagOf(world), headers);
    expect(answer).toMatchObject({ status, json: { status, detail: expect.any(String) } });
    expect(await readEvents()).toEqual(before);
    expect(await readBody(world)).toBe('abc😀d');
  });

  test('[EDT1] any text comes back as it was sent, and large ones do too', async () => {
    const world = await setUp();
    const { patch } = world;
    const any = '\ufeffa\0b\r\n\u202e\u0301e\u0301👩‍👩‍👧\ufffd\ufffc';
    expect(await patch(any, '*')).toMatchObject({ status: 200, json: { length: any.length } });
    const { server } = world;
    const raw = await fetch(server.url + PATH);
    expect(Buffer.from(await raw.arrayBuffer()).equals(Buffer.from(any))).toBe(true);
    const large = 'A line of a large text.\n'.repeat(80_000);
    expect(await patch(large, '*')).toMatchObject({ status: 200, json: { length: large.length } });
    const changed = large.replace('A line', 'The first line');
    expect(await patch(changed, await tagOf(world))).toMatchObject({ status: 200 });
    expect((await readBody(world)) === changed).toBe(true);
    expect(await patch('', '*')).toMatchObject({ status: 200, json: { outcome: 'edited', length: 0 } });
    expect(await patch('', '*')).toMatchObject({
      status: 200,
      json: { outcome: 'unchanged', merged: false },
    });
  });

  test('[EDT4] an edit with a key is made once, however often it is sent', async () => {
    const world = await setUp();
    const { patch } = world;
    await patch('base.', '*');
    await whenForgotten(world);
    const tag = await tagOf(world);
    const key = { 'Idempotency-Key': 'k1' };
    const edits = [{ at: 5, insert: ' more.' }];
    const answers = await Promise.all([patch({ edits }, tag, key), patch({ edits }, tag, key)]);
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, json: { outcome: 'edited' } });
    await whenForgotten(world);
    // Also when its version is forgotten.
    expect(await patch({ edits }, tag, key)).toMatchObject({ status: 200, json: { outcome: 'edited' } });
    expect(await readBody(world)).toBe('base. more.');
    expect(await patch({ edits }, await tagOf(world), { 'Idempotency-Key': 'k2' })).toMatchObject({
      status: 200,
    });
    expect(await readBody(world)).toBe('base. more. more.');
  });

  test('[EDT4] a deletion with a key is made once, also after a restart', async () => {
    const store = `sqlite:${await createTemporaryFolder()}/weft.db`;
    const first = await setUp({ store });
    await first.patch('one two three', '*');
    const edits = [{ at: 0, delete: 4 }];
    const key = { 'Idempotency-Key': 'k1' };
    expect(await first.patch({ edits }, '*', key)).toMatchObject({
      status: 200,
      json: { outcome: 'edited' },
    });
    const same = { 'Idempotency-Key': 'k2' };
    expect(await first.patch('two three', '*', same)).toMatchObject({
      status: 200,
      json: { outcome: 'unchanged', merged: false },
    });
    const ben = await open(first, 'Ben');
    ben.text.insert(0, 'Ben: ');
    await until(async () => (await readBody(first)) === 'Ben: two three', { describe: 'what Ben typed' });
    ben.close();
    await first.server.close();
    const again = await setUp({ store });
    for (const answer of [
      await again.patch({ edits }, '*', key),
      await again.patch('two three', '*', same),
    ]) {
      expect(answer).toMatchObject({ status: 200, json: { outcome: 'edited', merged: true } });
      expect(answer.headers.get('ETag')).toBe(await tagOf(again));
    }
    expect(await readBody(again)).toBe('Ben: two three');
  });

  test('[TXT13] of an aggregate that is not there, was deleted, or has no such text, nothing is done', async () => {
    const { http } = await setUp();
    const request = { body: 'x', headers: { 'Content-Type': 'text/plain', 'If-Match': '*' } };
    for (const path of [
      '/api/page/p2/texts/body',
      '/api/page/p1/texts/other',
      '/api/nothing/p1/texts/body',
    ]) {
      expect(await http('PATCH', path, request)).toMatchObject({ status: 404 });
      expect(await http('DELETE', path)).toMatchObject({ status: 404 });
    }
    await http('DELETE', '/api/page/p1');
    for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
      const { status } = await http(method, PATH, method === 'GET' ? {} : request);
      expect(status).toBe(410);
    }
  });
});

describe('the forms of a text', () => {
  test('[RIC2] a plain text is read as text, as JSON and as bytes, each with its own tag', async () => {
    const world = await setUp();
    const { http, patch } = world;
    const ben = await open(world, 'Ben');
    ben.text.insert(0, 'Hello ');
    ben.text.insert(6, 'world', { bold: true });
    ben.text.insertEmbed(11, { image: 'a.png' });
    await until(async () => (await readBody(world)) === 'Hello world', { describe: 'what Ben typed' });
    const get = (Accept: string, headers = {}) => http('GET', PATH, { headers: { Accept, ...headers } });

    const plain = await get('*/*');
    expect(plain.headers.get('Content-Type')).toBe('text/plain; charset=utf-8');
    const json = await get('application/json');
    const revision = /\d+/.exec(String(plain.headers.get('ETag')))![0];
    expect(json.json).toEqual({
      content: [
        { insert: 'Hello ' },
        { insert: 'world', attributes: { bold: true } },
        { insert: { image: 'a.png' } },
      ],
      length: 11,
      revision,
      epoch: '0',
    });
    const bytes = await fetch(world.server.url + PATH, { headers: { Accept: YJS } });
    expect(bytes.headers.get('Content-Type')).toBe(YJS);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, new Uint8Array(await bytes.arrayBuffer()));
    expect(doc.getText('body').toDelta()).toEqual(ben.text.toDelta());

    const tags = [plain, json, bytes].map(({ headers }) => String(headers.get('ETag')));
    expect(new Set(tags).size).toBe(3);
    for (const { headers } of [plain, json, bytes]) {
      expect(headers.get('Vary')).toBe('Accept');
      expect(headers.get('Weft-Text-Epoch')).toBe('0');
    }
    expect(await get('application/json', { 'If-None-Match': tags[1] })).toMatchObject({ status: 304 });
    expect(await get('application/json', { 'If-None-Match': tags[0] })).toMatchObject({ status: 200 });
    // Of whichever form it was made: the revision counts.
    expect(await patch('Hello, world', tags[1])).toMatchObject({ status: 200 });
    expect(await patch('Hello world!', tags[2])).toMatchObject({ status: 200 });
    expect(await readBody(world)).toBe('Hello, world!');
    const head = await http('HEAD', PATH);
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(head.headers.get('ETag')).toBe(await tagOf(world));
  });

  test('[RIC2] [EDT1] a rich text is read as lines and as JSON, and edited by its content beside others', async () => {
    const world = await setUp();
    const { http } = world;
    const path = '/api/page/p1/texts/story';
    const root = await openStory(world, 'Ben');
    for (const words of ['First paragraph', 'Second paragraph']) {
      const paragraph = new Y.XmlElement('paragraph');
      root.insert(root.length, [paragraph]);
      paragraph.insert(0, [new Y.XmlText(words)]);
    }
    const read = async () => (await http('GET', path)).text;
    await until(async () => (await read()) === 'First paragraph\nSecond paragraph', {
      describe: 'two lines',
    });
    const before = await http('GET', path, { headers: { Accept: 'application/json' } });
    const paragraph = (insert: string) => ({
      type: 'element',
      name: 'paragraph',
      children: [{ type: 'text', content: [{ insert }] }],
    });
    expect(before.json).toMatchObject({
      content: [paragraph('First paragraph'), paragraph('Second paragraph')],
      length: 32,
    });
    ((root.get(1) as Y.XmlElement).get(0) as Y.XmlText).insert(0, 'The ');
    await until(async () => (await read()).includes('The Second'), { describe: 'what Ben typed' });
    const patch = (body: unknown, headers: Record<string, string> = {}) =>
      http('PATCH', path, { body, headers: { 'If-Match': String(before.headers.get('ETag')), ...headers } });
    const content = [paragraph('First paragraph'), paragraph('Second and last paragraph'), paragraph('')];
    expect(await patch({ content })).toMatchObject({
      status: 200,
      json: { outcome: 'edited', merged: true },
    });
    expect(await read()).toBe('First paragraph\nThe Second and last paragraph\n');
    await until(() => root.toString().includes('and last'), { describe: 'the edit at Ben' });
    expect(await patch({ edits: [{ at: 0, insert: 'x' }] })).toMatchObject({ status: 422 });
    expect(await patch('x', { 'Content-Type': 'text/plain' })).toMatchObject({ status: 422 });
    expect(await patch({ content: [{ type: 'paragraph' }] })).toMatchObject({ status: 422 });
  });
});

describe('epochs over HTTP', () => {
  test('[EPO1] [EPO3] erasing leaves nothing, sends everyone away and takes nothing of before', async () => {
    const world = await setUp();
    const { http, patch, readEvents } = world;
    const ben = await open(world, 'Ben');
    ben.text.insert(0, 'a secret');
    await until(async () => (await readBody(world)) === 'a secret', { describe: 'what Ben typed' });
    const tag = await tagOf(world);
    const closed = new Promise<number | undefined>((resolve) => {
      ben.provider.on('connection-close', (event) => resolve(event?.code));
    });

    const erased = await http('DELETE', PATH);

    expect(erased).toMatchObject({ status: 204, text: '' });
    expect(await closed).toBe(4409);
    const now = await http('GET', PATH);
    expect(now.text).toBe('');
    expect(now.headers.get('Weft-Text-Epoch')).toBe(erased.headers.get('Weft-Text-Epoch'));
    expect(now.headers.get('Weft-Text-Epoch')).not.toBe('0');
    expect(now.headers.get('ETag')).not.toBe(tag);
    expect(await patch('a secret!', tag)).toMatchObject({ status: 412 });
    expect(await patch('more', '"empty"')).toMatchObject({ status: 412 });
    for (const { data } of await readEvents()) {
      expect(Buffer.from(data as Uint8Array).includes('secret')).toBe(false);
    }
    expect(await patch('new', now.headers.get('ETag'))).toMatchObject({ status: 200 });
    const cleo = await open(world, 'Cleo');
    expect(cleo.text.toJSON()).toBe('new');
  });

  test('[EPO2] what was exported takes the place of a text, also in another server', async () => {
    const world = await setUp();
    const { patch } = world;
    await patch({ content: [{ insert: 'kept ' }, { insert: 'bold', attributes: { bold: true } }] }, '*');
    const exported = await fetch(world.server.url + PATH, { headers: { Accept: YJS } });
    const body = new Uint8Array(await exported.arrayBuffer());
    await patch('something else', '*');
    for (const other of [world, await setUp()]) {
      const put = await other.http('PUT', PATH, { body, headers: { 'Content-Type': YJS } });
      expect(put).toMatchObject({
        status: 200,
        json: { outcome: 'replaced', length: 9, revision: expect.any(String) },
      });
      expect(put.headers.get('ETag')).toBe(await tagOf(other));
      const read = await other.http('GET', PATH, { headers: { Accept: 'application/json' } });
      expect(read.json?.content).toEqual([
        { insert: 'kept ' },
        { insert: 'bold', attributes: { bold: true } },
      ]);
      const cleo = await open(other, 'Cleo');
      cleo.text.insert(0, 'Cleo: ');
      await until(async () => (await readBody(other)) === 'Cleo: kept bold', { describe: 'what Cleo typed' });
    }
  });

  test('[EPO1] [EPO2] with If-Match only the text that was seen is erased or replaced', async () => {
    const world = await setUp();
    const { http, patch } = world;
    const seen = await tagOf(world);
    await patch('more', '*');
    const headers = { 'If-Match': seen };
    const body = Y.encodeStateAsUpdate(new Y.Doc());
    const yjs = { 'Content-Type': YJS };
    expect(await http('DELETE', PATH, { headers })).toMatchObject({ status: 412 });
    expect(await http('PUT', PATH, { body, headers: { ...headers, ...yjs } })).toMatchObject({ status: 412 });
    expect(await readBody(world)).toBe('more');
    const key = { 'Idempotency-Key': 'k1' };
    expect(await http('DELETE', PATH, { headers: key })).toMatchObject({ status: 400 });
    expect(await http('PUT', PATH, { body: 'x', headers: yjs })).toMatchObject({
      status: 422,
      json: { type: 'urn:weft:problem:invalid-text' },
    });
    expect(await http('PUT', PATH, { body: '', headers: yjs })).toMatchObject({ status: 400 });
    expect(await http('PUT', PATH, { body: {} })).toMatchObject({ status: 415 });
    expect(await readBody(world)).toBe('more');
    const now = { 'If-Match': await tagOf(world) };
    expect(await http('DELETE', PATH, { headers: now })).toMatchObject({ status: 204 });
    expect(await http('DELETE', PATH, { headers: now })).toMatchObject({ status: 412 });
  });
});

describe('the texts of a server', () => {
  test('[EDT6] code on the server reads and edits texts as clients do', async () => {
    const world = await setUp();
    const { texts } = world.server;
    const address = { aggregate: 'page', id: 'p1', field: 'body' };
    const user = { id: 'bot', name: 'Bot' };
    const ben = await open(world, 'Ben');
    const first = await texts.edit(address, { kind: 'text', text: 'by the bot' }, { base: undefined, user });
    expect(first).toMatchObject({ outcome: 'edited', merged: false });
    await until(() => ben.text.toJSON() === 'by the bot', { describe: 'the edit' });
    const read = await texts.read(address);
    expect(read).toEqual({
      outcome: 'read',
      text: 'by the bot',
      content: [{ insert: 'by the bot' }],
      length: 10,
      revision: 0n,
      epoch: '0',
    });
    ben.text.insert(10, ' and Ben');
    await until(async () => (await readBody(world)) === 'by the bot and Ben', { describe: 'what Ben typed' });
    const edit = { kind: 'edits', edits: [{ at: 3, delete: 3, insert: 'a' }] } as const;
    const edited = await texts.edit(address, edit, { base: 0n, user, idempotencyKey: 'once' });
    expect(edited).toMatchObject({ outcome: 'edited', merged: true });
    expect(await texts.edit(address, edit, { base: 0n, user, idempotencyKey: 'once' })).toMatchObject({
      outcome: 'edited',
    });
    expect(await readBody(world)).toBe('by a bot and Ben');
    expect((await world.readEvents()).at(-1)?.metadata.user).toEqual(user);
    const wrong = { kind: 'edits', edits: [{ at: 100 }] } as const;
    expect(await texts.edit(address, wrong, { base: 'newest', user })).toMatchObject({ outcome: 'invalid' });
    expect(await texts.edit(address, edit, { base: 99n, user })).toEqual({ outcome: 'forgotten' });
  });

  test.each<[string, object, object]>([
    ['a base that is no revision', {}, { base: 'bogus' }],
    ['a tag as its base', {}, { base: '"0"' }],
    ['a star as its base', {}, { base: '*' }],
    ['a number as its base', {}, { base: 0 }],
    ['a base before the first', {}, { base: -1n }],
    ['a user without an id', {}, { user: { name: 'Bot' } }],
    ['no user', {}, { user: undefined }],
    ['a key with a space', {}, { idempotencyKey: 'a b' }],
    ['an empty key', {}, { idempotencyKey: '' }],
    ['a key that is too long', {}, { idempotencyKey: 'k'.repeat(129) }],
    ['an edit of no kind', { kind: 'delta' }, {}],
    ['no text', { kind: 'text', text: 7 }, {}],
    ['edits that are no list', { kind: 'edits', edits: { at: 0 } }, {}],
    ['an edit of something else', { kind: 'edits', edits: [{ at: 0, retain: 1 }] }, {}],
    ['an edit at a string', { kind: 'edits', edits: [{ at: '0', insert: 'x' }] }, {}],
    ['content that is no list', { kind: 'content', content: 'x' }, {}],
  ])('[EDT5] [EDT6] %s is a TypeError, and nothing is applied', async (_what, edit, options) => {
    const world = await setUp();
    const { texts } = world.server;
    const address = { aggregate: 'page', id: 'p1', field: 'body' };
    const by = { base: 'newest', user: { id: 'bot', name: 'Bot' }, ...options };
    // As code without types passes it.
    const asked = texts.edit(
      address,
      (Object.keys(edit).length > 0 ? edit : { kind: 'text', text: 'x' }) as TextEdit,
      by as EditOptions,
    );
    await expect(asked).rejects.toThrow(TypeError);
    expect(await world.readEvents()).toEqual([]);
  });

  test('[EDT6] a text that is not there is an outcome, and so is a server that closes', async () => {
    const world = await setUp();
    const { texts } = world.server;
    const by = { base: 'newest', user: { id: 'bot', name: 'Bot' } } as const;
    const edit = { kind: 'text', text: 'x' } as const;
    for (const address of [
      { aggregate: 'page', id: 'p2', field: 'body' },
      { aggregate: 'page', id: 'p1', field: 'title' },
      { aggregate: 'paper', id: 'p1', field: 'body' },
    ]) {
      expect(await texts.read(address)).toEqual({ outcome: 'not-found' });
      expect(await texts.edit(address, edit, by)).toEqual({ outcome: 'not-found' });
    }
    const address = { aggregate: 'page', id: 'p1', field: 'body' };
    await world.http('DELETE', '/api/page/p1');
    expect(await texts.read(address)).toEqual({ outcome: 'deleted' });
    expect(await texts.edit(address, edit, by)).toEqual({ outcome: 'deleted' });
  });
});
