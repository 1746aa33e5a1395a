import { type IDBPDatabase, type IDBPTransaction, unwrap } from 'idb';
import { uuidv4 } from 'lib0/random';
import * as Y from 'yjs';
import type { TextTarget } from '../connection/textTarget.ts';
import type { TextCopy } from '../storage/clientStorage.ts';
import type { Report } from '../lifecycle/clientReport.ts';
import type { DeviceCondition } from './deviceCondition.ts';
import type { MemoryTexts } from './memoryTexts.ts';
import { isEmptyDoc, isOfAnotherText, toTextName } from './memoryTexts.ts';
import { inTransaction } from './inTransaction.ts';
import { openDatabase } from './openDatabase.ts';

// The layout is y-indexeddb's.
const UPDATES = 'updates';
const CUSTOM = 'custom';

const EPOCH = 'epoch';
/** Of what is kept from one erasure to the next. */
const GENERATION = 'generation';
const SET_ASIDE = 'set-aside';

/** With so many it is time to put them together. */
const MAX_UPDATES = 500;

type Transaction = IDBPTransaction<unknown, string[], 'readwrite'>;

export type DeviceTextsOptions = {
  /** What the names of the databases begin with. */
  readonly name: string;
  readonly condition: DeviceCondition;
  readonly report: Report;
  /** Takes what the device does not. */
  readonly memory: MemoryTexts;
};

/**
 * Keeps a text in a database of its own. What is edited is handed to the browser before the page does anything else, so that
 * it outlives a page that is left right then. Once the device refuses, what the document holds is kept in memory.
 */
export function openDeviceText(target: TextTarget, doc: Y.Doc, options: DeviceTextsOptions): TextCopy {
  const { condition, memory, report } = options;
  let queue: Uint8Array[] = [];
  let epoch: string | undefined;
  let generation: string | undefined;
  // As soon as edits can be written without a look at what is kept.
  let loaded: IDBPDatabase | undefined;
  // The key of the next update to be read.
  let next = 0;
  let spare: TextCopy | undefined;
  let isClosed = false;

  const name = `${options.name}/${toTextName(target)}`;
  const opening = openDatabase([name, `${name}//2`], {
    tables: [UPDATES, CUSTOM],
    report,
    upgrade: (db) => {
      db.createObjectStore(UPDATES, { autoIncrement: true });
      db.createObjectStore(CUSTOM);
    },
    blocking: (_from, _to, event) => (event.target as IDBDatabase).close(),
  });

  async function transact(work: (transaction: Transaction) => Promise<unknown>): Promise<void> {
    try {
      const db = await opening;
      await inTransaction(db.transaction([UPDATES, CUSTOM], 'readwrite'), work);
    } catch (error) {
      fail(error);
    }
  }

  function fail(error: unknown): void {
    condition.fail(error);
    keepInMemory();
  }

  function keepInMemory(): void {
    spare ??= memory.open(target, doc, { origin: copy, epoch });
  }

  async function load(): Promise<{ epoch: string | undefined; isEmpty: boolean }> {
    let read = { isEmpty: true, isWhole: true };
    await transact(async (transaction) => {
      read = await readAtOnce(transaction);
    });
    if (!read.isWhole) await transact(fetchSingly);
    if (!loaded) await transact(startGeneration);
    if (memory.has(target)) keepInMemory();
    const kept = await spare?.whenLoaded;
    return { epoch: epoch ?? kept?.epoch, isEmpty: read.isEmpty && kept?.isEmpty !== false };
  }

  /** Ends before the text is shown: what is typed right then need not wait for it. */
  async function readAtOnce(transaction: Transaction): Promise<{ isEmpty: boolean; isWhole: boolean }> {
    const custom = transaction.objectStore(CUSTOM);
    const asked = Promise.all([readUpdates(transaction), custom.get(EPOCH), custom.get(GENERATION)]);
    transaction.commit();
    const [updates, kept, known] = (await asked) as [Uint8Array[], unknown, unknown];
    if (typeof kept === 'string') epoch = kept;
    if (typeof known === 'string') startWriting(transaction.db, known);
    return { isEmpty: updates.length === 0, isWhole: apply(updates) };
  }

  function startWriting(db: IDBPDatabase, known: string): void {
    generation = known;
    loaded = db;
    writeQueue();
  }

  /** What was written since the last time, also by other pages. Asks for all of it at once. */
  async function readUpdates(transaction: Transaction): Promise<Uint8Array[]> {
    const range = IDBKeyRange.lowerBound(next);
    const store = transaction.objectStore(UPDATES);
    const [keys, updates] = await Promise.all([store.getAllKeys(range), store.getAll(range)]);
    next = Number(keys.at(-1) ?? next - 1) + 1;
    return updates as Uint8Array[];
  }

  /** Whether all of it made sense. */
  function apply(updates: readonly Uint8Array[]): boolean {
    if (isClosed) return true;
    try {
      Y.transact(doc, () => updates.forEach((update) => Y.applyUpdate(doc, update)), copy, false);
      return true;
    } catch {
      return false;
    }
  }

  /** One update that makes no sense keeps no other one from being loaded. */
  async function fetchSingly(transaction: Transaction): Promise<void> {
    const updates = transaction.objectStore(UPDATES);
    for (const key of await updates.getAllKeys()) {
      const update = (await updates.get(key)) as Uint8Array;
      try {
        Y.applyUpdate(doc, update, copy);
      } catch (error) {
        report({
          kind: 'storage-failed',
          detail: `an update of ${name} made no sense, and was set aside`,
          error,
        });
        await Promise.all([transaction.objectStore(CUSTOM).put(update, SET_ASIDE), updates.delete(key)]);
      }
    }
  }

  async function startGeneration(transaction: Transaction): Promise<void> {
    const custom = transaction.objectStore(CUSTOM);
    const kept: unknown = await custom.get(GENERATION);
    const known = typeof kept === 'string' ? kept : uuidv4();
    if (kept !== known) await custom.put(known, GENERATION);
    startWriting(transaction.db, known);
  }

  function keep(update: Uint8Array, origin?: unknown): void {
    if (origin === copy || spare) return;
    // Edits of one moment are one update.
    if (queue.length === 0) queueMicrotask(writeQueue);
    queue.push(update);
  }

  function takeQueue(): Uint8Array {
    const batch = queue;
    queue = [];
    return Y.mergeUpdates(batch);
  }

  function writeQueue(): void {
    if (loaded && !spare && queue.length > 0) working = Promise.all([working, write(loaded, takeQueue())]);
  }

  async function write(db: IDBPDatabase, update: Uint8Array): Promise<void> {
    let size = 0;
    try {
      const transaction = db.transaction([UPDATES, CUSTOM], 'readwrite');
      size = await inTransaction(transaction, (begun) => addAtOnce(begun, update));
    } catch (error) {
      if (!isErased(error)) return fail(error);
      await transact((transaction) => writeAnew(transaction, update));
    }
    if (size >= MAX_UPDATES && !isClosed) await transact(putTogether);
  }

  /** Asks for everything at once, and not for an answer: from then on it does not need the page any more. */
  async function addAtOnce(wrapped: Transaction, update: Uint8Array): Promise<number> {
    const transaction: IDBTransaction = unwrap(wrapped);
    const custom = transaction.objectStore(CUSTOM);
    const updates = transaction.objectStore(UPDATES);
    const mark = toErasureMark(generation);
    // What is there already cannot be added: where the text was erased, nothing of this is done.
    custom.add(true, mark);
    custom.delete(mark);
    updates.add(update);
    const counted = updates.count();
    transaction.commit();
    await wrapped.done;
    return counted.result;
  }

  /** Another page has forgotten the text, and may have put another one in its place. */
  async function writeAnew(transaction: Transaction, update: Uint8Array): Promise<void> {
    const updates = transaction.objectStore(UPDATES);
    const custom = transaction.objectStore(CUSTOM);
    if (isOfAnotherText(await custom.get(EPOCH), epoch)) return;
    await startGeneration(transaction);
    const isEmpty = (await updates.count()) === 0;
    await updates.add(isEmpty ? Y.encodeStateAsUpdate(doc) : update);
    if (isEmpty && epoch !== undefined) await custom.put(epoch, EPOCH);
  }

  /** The whole text, in the place of its updates. */
  async function putTogether(transaction: Transaction): Promise<void> {
    const updates = transaction.objectStore(UPDATES);
    const kept: unknown = await transaction.objectStore(CUSTOM).get(GENERATION);
    if (kept !== generation || (await updates.count()) < MAX_UPDATES) return;
    // Who opens it next sets aside what makes no sense.
    if (!apply(await readUpdates(transaction))) return;
    await updates.clear();
    await updates.add(Y.encodeStateAsUpdate(doc));
  }

  async function writeEpoch(transaction: Transaction, newest: string): Promise<void> {
    const custom = transaction.objectStore(CUSTOM);
    const kept: unknown = await custom.get(EPOCH);
    if (kept === undefined || kept === epoch) await custom.put(newest, EPOCH);
    epoch = newest;
  }

  async function forget(transaction: Transaction): Promise<void> {
    const custom = transaction.objectStore(CUSTOM);
    if (isOfAnotherText(await custom.get(EPOCH), epoch)) return;
    const kept: unknown = await custom.get(GENERATION);
    await Promise.all([
      transaction.objectStore(UPDATES).clear(),
      ...[EPOCH, GENERATION, SET_ASIDE].map((key) => custom.delete(key)),
      // Pages that have it still must not add to what comes after it.
      custom.put(true, toErasureMark(kept)),
    ]);
  }

  async function close(): Promise<void> {
    isClosed = true;
    doc.off('update', keep);
    writeQueue();
    await working;
    await spare?.close();
    await opening.then(
      (db) => db.close(),
      () => undefined,
    );
  }

  const whenLoaded = load();
  let working: Promise<unknown> = whenLoaded;
  let closing: Promise<void> | undefined;
  const copy: TextCopy = {
    whenLoaded,
    keepEpoch: (newest) => {
      if (isClosed) return;
      working = working.then(() => {
        if (!spare) return transact((transaction) => writeEpoch(transaction, newest));
        epoch = newest;
        spare.keepEpoch(newest);
      });
    },
    flush: async () => {
      writeQueue();
      await working;
      await spare?.flush();
    },
    erase: async () => {
      isClosed = true;
      doc.off('update', keep);
      queue = [];
      working = working.then(() => transact(forget)).then(() => spare?.erase());
      await (closing ??= close());
    },
    close: () => (closing ??= close()),
  };
  if (!isEmptyDoc(doc)) keep(Y.encodeStateAsUpdate(doc));
  doc.on('update', keep);
  return copy;
}

function toErasureMark(generation: unknown): string {
  return `erased/${String(generation)}`;
}

function isErased(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConstraintError';
}
