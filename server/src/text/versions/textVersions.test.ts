import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createManualClock } from '../../../../client-sdk/src/testSupport/manualClock.ts';
import type { StreamName } from '../../event-store/eventStore.ts';
import type { InMemoryFaults } from '../../event-store/inMemoryEventLog.ts';
import { createInMemoryEventStore } from '../../event-store/inMemoryEventStore.ts';
import type { TextContentJson } from '../edits/contentJson.ts';
import { ADA, ADDRESS, BEN, createFakeTexts, EDITED } from './testSupport/createFakeTexts.ts';
import { createTextVersions, type TextVersionsOptions } from './textVersions.ts';

const MINUTE = 60_000;
const ALL = { limit: 2_000 };

type SetUp = Partial<Pick<TextVersionsOptions, 'maxNamed'>> & { readonly faults?: InMemoryFaults };

function setUp({ faults = {}, ...options }: SetUp = {}) {
  const store = createInMemoryEventStore({ faults });
  const clock = createManualClock();
  const texts = createFakeTexts();
  const warnings: string[] = [];
  const logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: (_fields: object, message: string) => void warnings.push(message),
    error: () => undefined,
  };
  const create = () => createTextVersions({ store, clock, logger, createId: randomUUID, texts, ...options });
  const versions = create();
  onTestFinished(async () => {
    await versions.close();
    await store.close();
  });

  /** Lets everything under way end. */
  async function settle(): Promise<void> {
    for (let turn = 0; turn < 30; turn++) await setImmediate();
  }

  return {
    store,
    clock,
    texts,
    versions,
    warnings,
    create,
    settle,
    pass: async (milliseconds: number) => {
      clock.advance(milliseconds);
      await settle();
    },
    type: async (text: string, user = ADA) => {
      texts.write(text);
      versions.hooks.onEdited(EDITED, [user]);
      await settle();
    },
    leave: async () => {
      versions.hooks.onLeft(EDITED);
      await settle();
    },
    take: (name: string, user = ADA) => versions.take(ADDRESS, { name, user }),
    /** The texts of all versions, newest first. */
    listTexts: async () => {
      const page = await versions.list(ADDRESS, ALL);
      return Promise.all(page.versions.map(async ({ id }) => (await versions.read(ADDRESS, id))?.text));
    },
    countEvents: async (side: string) => {
      const read = await store.readStream(`note.body.${side}-n-1` as StreamName);
      return read.outcome === 'read' ? read.events.length : 0;
    },
  };
}

test('[VER1] a version keeps the text under a name, with who took it, when, and how long it is', async () => {
  const { texts, clock, take, versions } = setUp();
  texts.write('Größe: 1 🎈');
  const taken = await take('First');
  expect(taken).toMatchObject({
    outcome: 'taken',
    version: { kind: 'named', name: 'First', by: [ADA], length: 11, revision: 0n },
  });
  const { versions: listed } = await versions.list(ADDRESS, ALL);
  expect(listed).toEqual([taken.outcome === 'taken' && taken.version]);
  expect(listed[0]?.at).toBe(new Date(clock.now()).toISOString());
  texts.write('other');
  expect(await versions.read(ADDRESS, listed[0]?.id ?? '')).toMatchObject({
    text: 'Größe: 1 🎈',
    content: [{ insert: 'Größe: 1 🎈' }],
  });
});

test('[VER1] halves of characters, NUL, formatting and embedded values come back as they were', async () => {
  const { texts, take, versions } = setUp();
  const content = [
    { insert: '\ud83c\0\u202e' },
    { insert: { image: 'x' } },
    { insert: 'b', attributes: { bold: true } },
  ];
  texts.write('\ud83c\0\u202eb', content);
  await take('odd');
  const { versions: listed } = await versions.list(ADDRESS, ALL);
  expect(await versions.read(ADDRESS, listed[0]?.id ?? '')).toMatchObject({
    text: '\ud83c\0\u202eb',
    content,
  });
});

test('[VER1] a version of a text whose content does not say its plain text keeps both', async () => {
  const { texts, take, versions } = setUp();
  const content: TextContentJson = [
    { type: 'element', name: 'paragraph', children: [{ type: 'text', content: [{ insert: 'a' }] }] },
  ];
  texts.write('a\n', content);
  await take('rich');
  const { versions: listed } = await versions.list(ADDRESS, ALL);
  expect(await versions.read(ADDRESS, listed[0]?.id ?? '')).toMatchObject({ text: 'a\n', content });
});

test('[VER1] a version that is larger than an event may be is kept in parts and read whole', async () => {
  const { texts, take, versions, countEvents } = setUp();
  const large = 'é'.repeat(600_000);
  texts.write(large);
  const taken = await take('large');
  expect(await countEvents('versions.contents')).toBe(3);
  const id = taken.outcome === 'taken' ? taken.version.id : '';
  expect((await versions.read(ADDRESS, id))?.text === large).toBe(true);
});

test('[VER1] a version is listed only when all of it is stored', async () => {
  let fails: string | undefined;
  const { texts, take, listTexts, countEvents } = setUp({
    faults: {
      beforeAppend: (stream) => {
        if (fails !== undefined && stream.startsWith(fails)) throw new Error('the disk is full');
      },
    },
  });
  texts.write('one');
  fails = 'note.body.versions-';
  await expect(take('lost')).rejects.toThrow('the disk is full');
  expect(await countEvents('versions.contents')).toBe(1);
  expect(await listTexts()).toEqual([]);
  fails = 'note.body.versions.contents-';
  await expect(take('lost')).rejects.toThrow('the disk is full');
  expect(await listTexts()).toEqual([]);
  fails = undefined;
  texts.write('two');
  await take('kept');
  expect(await listTexts()).toEqual(['two']);
});

test('[VER1] a version that was asked for twice under one key is taken once', async () => {
  const { texts, versions, listTexts } = setUp();
  texts.write('one');
  const ask = (name: string, user = ADA) => versions.take(ADDRESS, { name, user, key: 'k1' });
  const first = await ask('First');
  texts.write('two');
  expect(await ask('First')).toEqual(first);
  expect(await ask('Other')).toEqual({ outcome: 'key-reused' });
  expect(await ask('Other', BEN)).toMatchObject({ outcome: 'taken' });
  expect(await listTexts()).toEqual(['two', 'one']);
});

test('[VER1] a text has so many named versions and no more, also when they are asked for at once', async () => {
  const { take, listTexts } = setUp({ maxNamed: 3 });
  const taken = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => take(name)));
  expect(taken.map(({ outcome }) => outcome)).toEqual(['taken', 'taken', 'taken', 'full', 'full']);
  expect(await listTexts()).toHaveLength(3);
});

test('[VER2] while a text is edited a version is taken ten minutes after the first edit, with who typed', async () => {
  const { type, pass, versions, listTexts } = setUp();
  await type('a');
  await pass(9 * MINUTE);
  await type('ab', BEN);
  expect(await listTexts()).toEqual([]);
  await pass(MINUTE);
  expect(await listTexts()).toEqual(['ab']);
  const { versions: listed } = await versions.list(ADDRESS, ALL);
  expect(listed[0]).toMatchObject({ kind: 'automatic', name: undefined, by: [ADA, BEN] });
  await pass(60 * MINUTE);
  await type('abc', BEN);
  await pass(10 * MINUTE);
  const { versions: later } = await versions.list(ADDRESS, ALL);
  expect(later.map(({ by }) => by)).toEqual([[BEN], [ADA, BEN]]);
});

test('[VER2] a version is taken when the last one leaves, but not twice in a minute', async () => {
  const { type, leave, pass, listTexts } = setUp();
  await type('a');
  await leave();
  expect(await listTexts()).toEqual(['a']);
  await pass(20_000);
  await type('ab');
  await leave();
  await pass(10_000);
  await type('abc');
  await leave();
  expect(await listTexts()).toEqual(['a']);
  await pass(30_000);
  expect(await listTexts()).toEqual(['abc', 'a']);
});

test('[VER2] no version is taken of a text that is as the newest version has it', async () => {
  const { type, leave, pass, take, listTexts } = setUp();
  await type('a');
  await take('named');
  await leave();
  expect(await listTexts()).toEqual(['a']);
  await pass(MINUTE);
  await type('ab');
  await type('a');
  await leave();
  expect(await listTexts()).toEqual(['a']);
});

test('[VER2] the newest fifty automatic versions are kept, and the contents of no others', async () => {
  const { type, leave, pass, take, listTexts, countEvents } = setUp();
  await take('named');
  for (let round = 1; round <= 60; round++) {
    await type(`text ${round}`);
    await leave();
    await pass(MINUTE);
  }
  const kept = Array.from({ length: 50 }, (_, index) => `text ${60 - index}`);
  expect(await listTexts()).toEqual([...kept, '']);
  expect(await countEvents('autoversions')).toBe(50);
  expect(await countEvents('autoversions.contents')).toBe(50);
});

test('[VER2] a store that fails is logged, and the version is taken a minute later', async () => {
  let isFailing = true;
  const { type, pass, warnings, versions, listTexts } = setUp({
    faults: {
      beforeAppend: () => {
        if (isFailing) throw new Error('the disk is full');
      },
    },
  });
  await type('a');
  await pass(10 * MINUTE);
  expect(warnings).toEqual(['an automatic version could not be taken']);
  isFailing = false;
  await type('ab', BEN);
  await pass(MINUTE);
  expect(await listTexts()).toEqual(['ab']);
  expect((await versions.list(ADDRESS, ALL)).versions[0]?.by).toEqual([ADA, BEN]);
});

test('[VER2] a version that cannot be stored when the last one left is given up', async () => {
  const { type, leave, pass, warnings, clock, listTexts } = setUp({
    faults: {
      beforeAppend: () => {
        throw new Error('the disk is full');
      },
    },
  });
  await type('a');
  await leave();
  expect(warnings).toHaveLength(1);
  await pass(MINUTE);
  expect({ warnings: warnings.length, timers: clock.timers }).toEqual({ warnings: 1, timers: 0 });
  expect(await listTexts()).toEqual([]);
});

test('[VER2] many texts that are left in one moment are read a few at a time, and all get their version', async () => {
  const { texts, versions, settle, store } = setUp();
  let reading = 0;
  let most = 0;
  texts.onRead = async () => {
    most = Math.max(most, ++reading);
    await setImmediate();
    reading--;
  };
  texts.write('a');
  const all = Array.from({ length: 50 }, (_, index) => ({
    stream: `note.body-m${index}` as StreamName,
    field: 'body',
  }));
  for (const text of all) versions.hooks.onEdited(text, [ADA]);
  for (const text of all) versions.hooks.onLeft(text);
  await expect
    .poll(async () => {
      await settle();
      const taken = await store.readAll({ filter: { categories: ['note.body.autoversions'] } });
      return taken.length;
    })
    .toBe(50);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(4);
});

test('[VER2] nothing is remembered of texts that nobody edits any more, however they were left', async () => {
  const { type, leave, pass, clock, texts, versions, settle } = setUp();
  await type('a');
  await leave();
  await pass(MINUTE);
  expect(clock.timers).toBe(0);
  for (let count = 0; count < 100; count++) {
    texts.write(`b${count}`);
    versions.hooks.onEdited({ stream: `note.body-m${count}` as StreamName, field: 'body' }, [ADA]);
  }
  await pass(10 * MINUTE);
  await settle();
  await pass(MINUTE);
  expect(clock.timers).toBe(0);
});

test('[VER2] closing waits for a version that is being taken, and takes no further one', async () => {
  const gate = Promise.withResolvers<undefined>();
  const { type, leave, pass, versions, texts, listTexts, clock, settle } = setUp();
  texts.onRead = () => gate.promise;
  await type('a');
  await leave();
  let isClosed = false;
  const closed = versions.close().then(() => (isClosed = true));
  await settle();
  expect(isClosed).toBe(false);
  gate.resolve(undefined);
  await closed;
  expect(await listTexts()).toEqual(['a']);
  await type('ab');
  await pass(10 * MINUTE);
  expect(await listTexts()).toEqual(['a']);
  expect(clock.timers).toBe(0);
});

test('[VER2] closing does not wait for a store that never answers', async () => {
  const { type, leave, texts, versions, clock, settle } = setUp();
  const gate = Promise.withResolvers<undefined>();
  texts.onRead = () => gate.promise;
  await type('a');
  await leave();
  const closed = versions.close();
  await settle();
  clock.advance(10_000);
  await closed;
  gate.resolve(undefined);
});

test('[VER3] versions of both kinds are listed page by page, newest first', async () => {
  const { type, leave, pass, take, versions } = setUp();
  for (let round = 0; round < 4; round++) {
    await type(`text ${round}`);
    await leave();
    await take(`name ${round}`);
    await pass(MINUTE);
  }
  const lengthsAndKinds = [];
  let before: bigint | undefined;
  do {
    const page = await versions.list(ADDRESS, { limit: 3, before });
    lengthsAndKinds.push(page.versions.map(({ kind, name }) => name ?? kind));
    before = page.next;
  } while (before !== undefined);
  expect(lengthsAndKinds).toEqual([
    ['name 3', 'automatic', 'name 2'],
    ['automatic', 'name 1', 'automatic'],
    ['name 0', 'automatic'],
  ]);
  const named = await versions.list(ADDRESS, { limit: 2, kind: 'named' });
  expect(named.versions.map(({ name }) => name)).toEqual(['name 3', 'name 2']);
  const automatic = await versions.list(ADDRESS, { limit: 9, kind: 'automatic' });
  expect(automatic.versions).toHaveLength(4);
});

test('[VER4] a version is compared with the text of now, by words', async () => {
  const { texts, take, versions } = setUp();
  texts.write('The quick brown fox.');
  const taken = await take('fox');
  const id = taken.outcome === 'taken' ? taken.version.id : '';
  texts.write('The quicker brown dog.');
  expect(await versions.compare(ADDRESS, id)).toEqual({
    outcome: 'compared',
    changed: true,
    runs: [
      { op: 'equal', text: 'The ' },
      { op: 'delete', text: 'quick' },
      { op: 'insert', text: 'quicker' },
      { op: 'equal', text: ' brown ' },
      { op: 'delete', text: 'fox' },
      { op: 'insert', text: 'dog' },
      { op: 'equal', text: '.' },
    ],
  });
  texts.write('The quick brown fox.', [{ insert: 'The quick brown fox.', attributes: { bold: true } }]);
  expect(await versions.compare(ADDRESS, id)).toMatchObject({ changed: true, runs: [{ op: 'equal' }] });
  texts.write('The quick brown fox.');
  expect(await versions.compare(ADDRESS, id)).toMatchObject({ changed: false, runs: [{ op: 'equal' }] });
  expect(await versions.compare(ADDRESS, randomUUID())).toEqual({ outcome: 'missing' });
});

test('[VER5] restoring keeps the text of before as a version, and edits from exactly that text', async () => {
  const { texts, type, take, versions, listTexts } = setUp();
  texts.write('one');
  const taken = await take('one');
  const id = taken.outcome === 'taken' ? taken.version.id : '';
  await type('two', BEN);
  const restored = await versions.restore(ADDRESS, id, ADA);
  expect(restored).toMatchObject({ outcome: 'edited', revision: 2n });
  expect(texts.edits).toEqual([
    { edit: { kind: 'content', content: [{ insert: 'one' }] }, options: { base: 1n, user: ADA } },
  ]);
  const before = restored.outcome === 'edited' ? restored.before : '';
  expect(await versions.read(ADDRESS, before)).toMatchObject({ kind: 'automatic', text: 'two', by: [BEN] });
  await versions.restore(ADDRESS, before, ADA);
  expect(texts.text).toBe('two');
  expect(await listTexts()).toEqual(['one', 'two', 'one']);
});

test('[VER5] a text that a version holds already is not kept twice by restoring', async () => {
  const { texts, take, versions, listTexts } = setUp();
  texts.write('one');
  const one = await take('one');
  texts.write('two');
  const two = await take('two');
  if (one.outcome !== 'taken' || two.outcome !== 'taken') throw new Error('both are taken');
  expect(await versions.restore(ADDRESS, one.version.id, ADA)).toMatchObject({ before: two.version.id });
  expect(await listTexts()).toEqual(['two', 'one']);
});

test('[VER5] where the text to restore from is not kept any more, the newer one is kept and tried', async () => {
  const { texts, take, versions, listTexts } = setUp();
  texts.write('one');
  const taken = await take('one');
  const id = taken.outcome === 'taken' ? taken.version.id : '';
  texts.write('two');
  texts.onEdit = ({ options }) => {
    if (options.base !== 1n) return undefined;
    texts.write('three');
    return { outcome: 'forgotten' };
  };
  const restored = await versions.restore(ADDRESS, id, ADA);
  const before = restored.outcome === 'edited' ? restored.before : '';
  expect((await versions.read(ADDRESS, before))?.text).toBe('three');
  expect(await listTexts()).toEqual(['three', 'two', 'one']);
  texts.onEdit = () => ({ outcome: 'forgotten' });
  expect(await versions.restore(ADDRESS, before, ADA)).toMatchObject({ outcome: 'unavailable' });
  texts.onEdit = () => ({ outcome: 'invalid', detail: 'no' });
  expect(await versions.restore(ADDRESS, before, ADA)).toEqual({ outcome: 'invalid', detail: 'no' });
  expect(await versions.restore(ADDRESS, randomUUID(), ADA)).toEqual({ outcome: 'missing' });
});

test('[VER6] versions are there for another process, with the same answers', async () => {
  const { texts, take, versions, create } = setUp();
  texts.write('one');
  await take('one');
  const { versions: listed } = await versions.list(ADDRESS, ALL);
  await versions.close();
  const again = create();
  onTestFinished(() => again.close());
  expect((await again.list(ADDRESS, ALL)).versions).toEqual(listed);
  expect((await again.read(ADDRESS, listed[0]?.id ?? ''))?.text).toBe('one');
});

test('[VER6] with a text all its versions are erased, and those of the next epoch are its own', async () => {
  const { texts, type, leave, take, versions, listTexts, countEvents } = setUp();
  await type('secret');
  await leave();
  const taken = await take('secret');
  const id = taken.outcome === 'taken' ? taken.version.id : '';
  texts.beginEpoch('1');
  await versions.hooks.onErased(EDITED);
  for (const side of ['versions', 'versions.contents', 'autoversions', 'autoversions.contents']) {
    expect(await countEvents(side)).toBe(0);
  }
  expect(await versions.read(ADDRESS, id)).toBeUndefined();
  texts.write('new');
  await take('new');
  expect(await listTexts()).toEqual(['new']);
});

test('[VER6] what was read of a text before it was erased is not kept after', async () => {
  const { texts, take, versions, listTexts, countEvents } = setUp();
  texts.write('secret');
  const gate = Promise.withResolvers<undefined>();
  texts.onRead = () => gate.promise;
  const taking = take('v');
  await setImmediate();
  texts.beginEpoch('1');
  await versions.hooks.onErased(EDITED);
  gate.resolve(undefined);
  await taking;
  expect(await listTexts()).toEqual(['']);
  expect(await countEvents('versions.contents')).toBe(1);
});

test('[VER6] a version that was read before its text was erased is not restored after', async () => {
  const { texts, type, take, versions } = setUp();
  await type('secret');
  const taken = await take('secret');
  const id = taken.outcome === 'taken' ? taken.version.id : '';
  texts.write('more');
  let isErased = false;
  // The text is read when the version was.
  const { readContent } = texts;
  Object.assign(texts, {
    readContent: async (address: typeof ADDRESS) => {
      if (!isErased) {
        isErased = true;
        texts.beginEpoch('1');
        await versions.hooks.onErased(EDITED);
      }
      return readContent(address);
    },
  });
  expect(await versions.restore(ADDRESS, id, ADA)).toEqual({ outcome: 'missing' });
  expect([isErased, texts.text, texts.edits]).toEqual([true, '', []]);
});

test('[VER6] versions that a crash kept from being erased are never shown, and are erased when it is noticed', async () => {
  const { texts, type, leave, take, versions, listTexts, countEvents } = setUp();
  await type('secret');
  await leave();
  const taken = await take('secret');
  const id = taken.outcome === 'taken' ? taken.version.id : '';
  texts.beginEpoch('1');
  expect(await versions.read(ADDRESS, id)).toBeUndefined();
  expect(await versions.compare(ADDRESS, id)).toEqual({ outcome: 'missing' });
  expect(await versions.restore(ADDRESS, id, ADA)).toEqual({ outcome: 'missing' });
  expect(await listTexts()).toEqual([]);
  expect(await countEvents('versions.contents')).toBe(0);
  expect(await countEvents('autoversions.contents')).toBe(0);
});
