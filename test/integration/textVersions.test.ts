import { join } from 'node:path';
import { defineAggregate, richText } from '@weft/client/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { z } from 'zod';
import { note } from '../../examples/notes/note.ts';
import type { StreamName } from '../../server/src/event-store/eventStore.ts';
import { createInMemoryEventStore } from '../../server/src/event-store/inMemoryEventStore.ts';
import { call, type HttpAnswer, type HttpRequest } from '../support/httpClient.ts';
import { openStockText } from '../support/stockTextClient.ts';
import { createTemporaryFolder } from '../support/temporaryFolder.ts';
import { startTestServer } from '../support/testServer.ts';
import { until } from '../support/until.ts';

const page = defineAggregate('page', { fields: { title: z.string() }, text: { body: richText() } });

const BODY = '/api/note/n1/texts/body';
const VERSIONS = `${BODY}/versions`;

type Item = {
  readonly id: string;
  readonly kind: string;
  readonly name?: string;
  readonly by: unknown;
  readonly length: number;
};

async function setUp(options: Parameters<typeof startTestServer>[0] = {}) {
  const server = await startTestServer({ aggregates: [note, page], ...options });
  const http = (method: string, path: string, { headers, ...request }: HttpRequest = {}, who = 'Ada') =>
    call(server.url + path, method, { ...request, headers: { Authorization: `Bearer ${who}`, ...headers } });
  await http('PUT', '/api/note/n1', { body: { title: 'Plan' } });
  await http('PUT', '/api/page/p1', { body: { title: 'Page' } });

  const open = async (token: string) => {
    const client = openStockText(server.url, 'note/n1/body', { token });
    await client.whenSynced();
    return client;
  };
  const readText = async (path = BODY) => (await http('GET', path)).text;
  const untilStored = (text: string, path = BODY) =>
    until(async () => (await readText(path)) === text, {
      describe: `the stored text ${JSON.stringify(text)}`,
    });
  return {
    server,
    http,
    open,
    readText,
    untilStored,
    take: async (name: string, versions = VERSIONS) => {
      const taken = await http('POST', versions, { body: { name } });
      expect(taken.status).toBe(201);
      return idOf(taken);
    },
    restore: (id: string, { who = 'Ada', versions = VERSIONS } = {}) =>
      http('POST', `${versions}/${id}/restore`, {}, who),
    list: async (query = '', versions = VERSIONS) => itemsOf(await http('GET', versions + query)),
  };
}

function idOf({ json }: HttpAnswer): string {
  return String(json?.id);
}

function itemsOf({ json }: HttpAnswer): readonly Item[] {
  return json?.items as readonly Item[];
}

test('[VER1] [VER3] a version is taken under a name, listed, and read as plain text and as JSON', async () => {
  const { http, open, untilStored, take, list } = await setUp();
  const ada = await open('Ada');
  ada.doc.transact(() => {
    ada.text.insert(0, 'Größe: 1 🎈');
    ada.text.format(0, 5, { bold: true });
  });
  await untilStored('Größe: 1 🎈');
  const taken = await http('POST', VERSIONS, { body: { name: '  First\u00a0draft ' } });
  const id = idOf(taken);
  expect(taken).toMatchObject({
    status: 201,
    json: { kind: 'named', name: 'First\u00a0draft', by: [{ name: 'Ada' }], length: 11 },
  });
  expect(taken.headers.get('Location')).toBe(`${VERSIONS}/${id}`);
  const text = await http('GET', BODY);
  expect(`"${String(taken.json?.revision)}"`).toBe(text.headers.get('ETag'));
  ada.text.delete(0, 7);
  await untilStored('1 🎈');
  await take('Second');
  expect((await list()).map(({ name }) => name)).toEqual(['Second', 'First\u00a0draft']);

  const read = await http('GET', `${VERSIONS}/${id}`);
  expect(read).toMatchObject({ status: 200, text: 'Größe: 1 🎈' });
  expect(read.headers.get('Content-Type')).toBe('text/plain; charset=utf-8');
  expect(read.headers.get('Vary')).toContain('Accept');
  const known = { 'If-None-Match': read.headers.get('ETag') ?? '' };
  expect((await http('GET', `${VERSIONS}/${id}`, { headers: known })).status).toBe(304);
  const accept = { Accept: 'application/json' };
  const asJson = await http('GET', `${VERSIONS}/${id}`, { headers: accept });
  expect(asJson.json).toEqual({
    ...taken.json,
    content: [{ insert: 'Größe', attributes: { bold: true } }, { insert: ': 1 🎈' }],
  });
  expect((await http('GET', `${VERSIONS}/${id}`, { headers: { ...accept, ...known } })).status).toBe(200);
});

test('[VER1] a version that is asked for twice under one key is taken once', async () => {
  const { http, list } = await setUp();
  const ask = (name: string, key: string) =>
    http('POST', VERSIONS, { body: { name }, headers: { 'Idempotency-Key': key } });
  const first = await ask('First', 'k1');
  expect((await ask('First', 'k1')).json).toEqual(first.json);
  expect(await ask('Other', 'k1')).toMatchObject({
    status: 422,
    json: { type: 'urn:weft:problem:idempotency-key-reused' },
  });
  expect((await ask('Other', 'ä')).status).toBe(400);
  expect(await list()).toHaveLength(1);
});

test('[VER2] a version is taken when the last one leaves, with everyone who typed', async () => {
  const { open, untilStored, list, http } = await setUp();
  const ada = await open('Ada');
  const ben = await open('Ben');
  ada.text.insert(0, 'both');
  await untilStored('both');
  await until(() => ben.text.toString() === 'both', { describe: 'the text' });
  ben.text.insert(0, 'typed by ');
  await untilStored('typed by both');
  ada.close();
  expect(await list()).toEqual([]);
  ben.close();
  const [version] = await until(
    async () => {
      const items = await list();
      return items.length > 0 && items;
    },
    { describe: 'the version' },
  );
  expect(version).toMatchObject({ kind: 'automatic', by: [{ name: 'Ada' }, { name: 'Ben' }], length: 13 });
  expect((await http('GET', `${VERSIONS}/${version?.id}`)).text).toBe('typed by both');
  const again = await open('Ada');
  again.close();
  const named = await http('POST', VERSIONS, { body: { name: 'later' } });
  expect((await list()).map(({ id }) => id)).toEqual([idOf(named), version?.id]);
  expect(await list('?kind=automatic')).toEqual([version]);
});

test('[VER3] versions are listed page by page', async () => {
  const { http, take, list } = await setUp();
  for (const name of ['a', 'b', 'c', 'd', 'e']) await take(name);
  const names: unknown[] = [];
  let query = '?limit=2&kind=named';
  for (;;) {
    const answer = await http('GET', VERSIONS + query);
    names.push(itemsOf(answer).map(({ name }) => name));
    if (answer.json?.next === undefined) break;
    query = `?limit=2&kind=named&before=${answer.json.next as string}`;
  }
  expect(names).toEqual([['e', 'd'], ['c', 'b'], ['a']]);
  expect(await list('?kind=automatic')).toEqual([]);
  expect(await list('?before=0')).toEqual([]);
});

test.each([
  '?limit=0',
  '?limit=101',
  '?limit=1e1',
  '?limit=-1',
  '?limit=1&limit=2',
  '?kind=both',
  '?before=x',
  '?before=-1',
  `?before=${'9'.repeat(19)}`,
  '?after=1',
])('[VER3] a list that is asked for with %s is refused', async (query) => {
  const { http } = await setUp();
  expect(await http('GET', VERSIONS + query)).toMatchObject({
    status: 400,
    json: { type: 'urn:weft:problem:malformed-request' },
  });
});

test.each([
  [{}],
  [{ name: '' }],
  [{ name: ' \n ' }],
  [{ name: 'x'.repeat(201) }],
  [{ name: 'a\u0000b' }],
  [{ name: 'a\nb' }],
  [{ name: 'a\ud800' }],
  [{ name: 1 }],
  [{ name: null }],
  [{ name: 'a', text: 'b' }],
])('[VER1] a version of %j is refused, and nothing is kept', async (body) => {
  const { http, list } = await setUp();
  const refused = await http('POST', VERSIONS, { body });
  expect(refused).toMatchObject({ status: 422, json: { type: 'urn:weft:problem:invalid-input' } });
  expect(refused.json?.errors).not.toEqual([]);
  expect(await list()).toEqual([]);
});

test('[VER1] a name of 200 characters is taken, and a body that is no JSON is not', async () => {
  const { http, take, list } = await setUp();
  await take('x'.repeat(200));
  expect((await http('POST', VERSIONS, { body: '{' })).status).toBe(400);
  const headers = { 'Content-Type': 'text/plain' };
  expect((await http('POST', VERSIONS, { body: 'First', headers })).status).toBe(415);
  expect(await list()).toHaveLength(1);
});

test('[VER3] what is not there is 404, what was deleted 410, and what cannot be done 405', async () => {
  const { http, take } = await setUp();
  const id = await take('First');
  const none = '00000000-0000-4000-8000-000000000000';
  const missing = [
    ['GET', '/api/other/n1/texts/body/versions'],
    ['GET', '/api/note/n2/texts/body/versions'],
    ['GET', '/api/note/n1/texts/title/versions'],
    ['GET', '/api/note/n1/texts/__proto__/versions'],
    ['GET', `${VERSIONS}/${none}`],
    ['GET', `${VERSIONS}/../versions/x`],
    ['GET', `${VERSIONS}/${none}/diff`],
    ['POST', `${VERSIONS}/${none}/restore`],
    ['POST', `/api/note/n1/texts/title/versions/${id}/restore`],
  ] as const;
  for (const [method, path] of missing) {
    expect({ path, status: (await http(method, path)).status }).toEqual({ path, status: 404 });
  }
  const other = await http('PUT', '/api/note/n2', { body: { title: 'Other' } });
  expect(other.status).toBe(201);
  expect((await http('GET', `/api/note/n2/texts/body/versions/${id}`)).status).toBe(404);

  for (const [method, path, allowed] of [
    ['DELETE', VERSIONS, 'GET, HEAD, POST'],
    ['PUT', `${VERSIONS}/${id}`, 'GET, HEAD'],
    ['POST', `${VERSIONS}/${id}/diff`, 'GET, HEAD'],
    ['GET', `${VERSIONS}/${id}/restore`, 'POST'],
  ] as const) {
    const refused = await http(method, path);
    expect({ path, status: refused.status, allowed: refused.headers.get('Allow') }).toEqual({
      path,
      status: 405,
      allowed,
    });
  }

  await http('DELETE', '/api/note/n1');
  for (const [method, path] of [
    ['GET', VERSIONS],
    ['GET', `${VERSIONS}/${id}`],
    ['GET', `${VERSIONS}/${id}/diff`],
    ['POST', `${VERSIONS}/${id}/restore`],
  ] as const) {
    expect({ path, status: (await http(method, path)).status }).toEqual({ path, status: 410 });
  }
  expect((await http('POST', VERSIONS, { body: { name: 'late' } })).status).toBe(410);
});

test('[VER4] a version is compared with the text of now', async () => {
  const { http, open, untilStored, take } = await setUp();
  const ada = await open('Ada');
  ada.text.insert(0, 'The quick fox.');
  await untilStored('The quick fox.');
  const id = await take('fox');
  const same = await http('GET', `${VERSIONS}/${id}/diff`);
  expect(same.json).toEqual({ changed: false, runs: [{ op: 'equal', text: 'The quick fox.' }] });
  ada.text.delete(10, 3);
  ada.text.insert(10, 'brown dog');
  await untilStored('The quick brown dog.');
  expect((await http('GET', `${VERSIONS}/${id}/diff`)).json).toEqual({
    changed: true,
    runs: [
      { op: 'equal', text: 'The quick ' },
      { op: 'delete', text: 'fox' },
      { op: 'insert', text: 'brown dog' },
      { op: 'equal', text: '.' },
    ],
  });
});

test('[VER5] a restored version is what everyone sees, and restoring that of before undoes it', async () => {
  const { http, open, untilStored, take, restore, list } = await setUp();
  const ada = await open('Ada');
  ada.doc.transact(() => {
    ada.text.insert(0, 'one two three');
    ada.text.format(4, 3, { bold: true });
  });
  await untilStored('one two three');
  const draft = ada.text.toDelta() as unknown;
  const id = await take('draft');
  ada.text.delete(0, 8);
  ada.text.insert(5, ' four');
  await untilStored('three four');

  const restored = await restore(id, { who: 'Ben' });
  expect(restored).toMatchObject({ status: 200, json: { outcome: 'edited' } });
  await until(() => ada.text.toString() === 'one two three', { describe: 'the restored text' });
  expect(ada.text.toDelta()).toEqual(draft);
  const current = await http('GET', BODY);
  expect(current.text).toBe('one two three');
  expect(current.headers.get('ETag')).toBe(`"${String(restored.json?.revision)}"`);

  const before = String(restored.json?.before);
  expect((await http('GET', `${VERSIONS}/${before}`)).text).toBe('three four');
  await restore(before);
  await until(() => ada.text.toString() === 'three four', { describe: 'the text of before' });
  const again = await restore(before);
  expect(again.json).toMatchObject({ outcome: 'unchanged' });
  expect((await http('GET', `${VERSIONS}/${String(again.json?.before)}`)).text).toBe('three four');
  const lengths = (await list()).map(({ kind, length }) => [kind, length]);
  expect(lengths).toEqual([
    ['automatic', 10],
    ['automatic', 13],
    ['automatic', 10],
    ['named', 13],
  ]);
});

test('[VER5] what others type while a version is restored stays, in the text or in the version of before', async () => {
  const { http, open, readText, untilStored, take, restore } = await setUp();
  const ada = await open('Ada');
  const ben = await open('Ben');
  ada.text.insert(0, 'The draft.');
  await untilStored('The draft.');
  const id = await take('draft');
  ada.text.insert(0, 'Written over. ');
  await untilStored('Written over. The draft.');

  const words: string[] = [];
  let isTyping = true;
  const typing = (async () => {
    for (let count = 0; isTyping; count++) {
      const word = ` w${count};`;
      words.push(word);
      ben.text.insert(ben.text.length, word);
      // At the pace of the server's answers.
      await readText();
    }
  })();
  await until(() => words.length > 5, { describe: 'some words' });
  const restored = await restore(id);
  const typedMeanwhile = words.length;
  await until(() => words.length > typedMeanwhile + 5, { describe: 'more words' });
  isTyping = false;
  await typing;

  expect(restored.json).toMatchObject({ outcome: 'edited' });
  const before = (await http('GET', `${VERSIONS}/${String(restored.json?.before)}`)).text;
  await until(
    async () =>
      ada.text.toString() === ben.text.toString() && (await http('GET', BODY)).text === ada.text.toString(),
    { describe: 'one text for all' },
  );
  const now = ada.text.toString();
  expect(now.startsWith('The draft.')).toBe(true);
  expect(now).not.toContain('Written over');
  expect(words.filter((word) => !before.includes(word) && !now.includes(word))).toEqual([]);
  expect(words.slice(typedMeanwhile).every((word) => now.includes(word))).toBe(true);
});

test('[VER5] what is typed after the version of before was taken stays in the text', async () => {
  const taking = Promise.withResolvers<undefined>();
  const isSeen = Promise.withResolvers<undefined>();
  const beforeAppend = async (stream: StreamName) => {
    if (!stream.startsWith('note.body.autoversions-')) return;
    taking.resolve(undefined);
    await isSeen.promise;
  };
  const { open, untilStored, take, restore, http } = await setUp({
    store: createInMemoryEventStore({ faults: { beforeAppend } }),
  });
  const ben = await open('Ben');
  ben.text.insert(0, 'draft');
  await untilStored('draft');
  const id = await take('draft');
  ben.text.insert(5, ' written over');
  await untilStored('draft written over');
  const restoring = restore(id);
  await taking.promise;
  ben.text.insert(0, 'meanwhile: ');
  await untilStored('meanwhile: draft written over');
  isSeen.resolve(undefined);
  const restored = await restoring;
  await until(() => ben.text.toString() === 'meanwhile: draft', { describe: 'the restored text' });
  const before = await http('GET', `${VERSIONS}/${String(restored.json?.before)}`);
  expect(before.text).toBe('draft written over');
});

test('[VER5] who restores is among those of the next automatic version', async () => {
  const { open, untilStored, take, restore, list } = await setUp();
  const ada = await open('Ada');
  const id = await take('empty');
  ada.text.insert(0, 'typed');
  await untilStored('typed');
  await restore(id, { who: 'Ben' });
  await untilStored('');
  await restore(String((await list('?kind=automatic'))[0]?.id), { who: 'Cleo' });
  await untilStored('typed');
  const automatic = await list('?kind=automatic');
  expect(automatic.map(({ by }) => by)).toMatchObject([[{ name: 'Ben' }], [{ name: 'Ada' }]]);
});

test('[VER5] a rich text is restored with its elements and attributes', async () => {
  const { server, http, untilStored, take, restore } = await setUp();
  const versions = '/api/page/p1/texts/body/versions';
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(`${server.url.replace('http', 'ws')}/yjs`, 'page/p1/body', doc, {
    disableBc: true,
  });
  onTestFinished(() => {
    provider.destroy();
    doc.destroy();
  });
  const body = doc.getXmlFragment('body');
  await until(() => provider.synced, { describe: 'the sync' });
  const heading = new Y.XmlElement('heading');
  heading.setAttribute('level', 2 as unknown as string);
  heading.insert(0, [new Y.XmlText('Title')]);
  const paragraph = new Y.XmlElement('paragraph');
  const words = new Y.XmlText('Some bold words');
  paragraph.insert(0, [words]);
  doc.transact(() => {
    body.insert(0, [heading, paragraph]);
    words.format(5, 4, { strong: {} });
  });
  await untilStored('Title\nSome bold words', '/api/page/p1/texts/body');
  const drawn = body.toString();

  const id = await take('drawn', versions);
  expect((await http('GET', `${versions}/${id}`)).text).toBe('Title\nSome bold words');
  body.delete(0, 1);
  words.delete(0, 5);
  await untilStored('bold words', '/api/page/p1/texts/body');
  const restored = await restore(id, { versions });
  expect(restored).toMatchObject({ status: 200, json: { outcome: 'edited' } });
  await until(() => body.toString() === drawn, { describe: 'the restored document' });
  expect((body.get(0) as Y.XmlElement).getAttribute('level')).toBe(2);
  const before = await http('GET', `${versions}/${String(restored.json?.before)}`);
  expect(before.text).toBe('bold words');
});

test('[VER6] versions are there after a restart, and can be restored', async () => {
  const store = `sqlite:${join(await createTemporaryFolder(), 'weft.db')}`;
  const first = await setUp({ store });
  const ada = await first.open('Ada');
  ada.text.insert(0, 'one');
  await first.untilStored('one');
  await first.take('First');
  ada.text.insert(3, ' two');
  await first.untilStored('one two');
  ada.close();
  await until(async () => (await first.list('?kind=automatic')).length === 1, { describe: 'the version' });
  const listed = await first.list();
  await first.server.close();

  const second = await setUp({ store });
  expect(await second.list()).toEqual(listed);
  const restored = await second.restore(listed[1]?.id ?? '');
  expect(restored.json).toMatchObject({ outcome: 'edited', before: listed[0]?.id });
  expect(await second.readText()).toBe('one');
});

test('[VER6] the versions of a text are erased with it', async () => {
  const { http, open, untilStored, take, list } = await setUp();
  const ada = await open('Ada');
  ada.text.insert(0, 'secret');
  await untilStored('secret');
  const id = await take('secret');
  ada.close();
  expect((await http('DELETE', BODY)).status).toBe(204);
  expect(await list()).toEqual([]);
  expect((await http('GET', `${VERSIONS}/${id}`)).status).toBe(404);
  await take('new');
  expect((await list()).map(({ name }) => name)).toEqual(['new']);
});

// Which append of a restore the erasing begins with; and with none, at once.
test.each(['note.body.autoversions.contents-', 'note.body.autoversions-', 'note.body-', undefined])(
  '[VER6] restoring and erasing at once (%s) end both, and nothing is left of what was erased',
  async (prefix) => {
    let onAppend: ((stream: StreamName) => void) | undefined;
    const store = createInMemoryEventStore({ faults: { beforeAppend: (stream) => onAppend?.(stream) } });
    const { http, readText, take, restore } = await setUp({ store });
    const write = (body: string) =>
      http('PATCH', BODY, { body, headers: { 'Content-Type': 'text/plain', 'If-Match': '*' } });
    for (let round = 0; round < 5; round++) {
      await write(`secret ${round}`);
      const id = await take('secret');
      await write(`more secret ${round}`);
      const erased = Promise.withResolvers<HttpAnswer>();
      const erase = () => {
        onAppend = undefined;
        http('DELETE', BODY).then(erased.resolve, erased.reject);
      };
      if (prefix === undefined) erase();
      else onAppend = (stream) => stream.startsWith(prefix) && erase();
      const [restored, taken, erasure] = await Promise.all([
        restore(id),
        http('POST', VERSIONS, { body: { name: 'meanwhile' } }),
        erased.promise,
      ]);
      expect([200, 404, 503]).toContain(restored.status);
      expect(taken.status).toBe(201);
      expect(erasure.status).toBe(204);
      expect((await http('GET', `${VERSIONS}/${id}`)).status).toBe(404);
      expect(await readText()).toBe('');
    }
    await http('DELETE', BODY);
    const sides = ['versions', 'versions.contents', 'autoversions', 'autoversions.contents'];
    const left = await store.readAll({ filter: { categories: sides.map((side) => `note.body.${side}`) } });
    expect(left).toEqual([]);
  },
);
