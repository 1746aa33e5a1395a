import { type IDBPDatabase, type IDBPTransaction, unwrap } from 'idb';
import { uuidv4 } from 'lib0/random';
import { fetchUpdates, type IndexeddbPersistence, PREFERRED_TRIM_SIZE } from 'y-indexeddb';
import * as Y from 'yjs';
import type { TextTarget } from '../connection/channels.ts';
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

type Transaction = IDBPTransaction<unknown, string[], 'readwrite'>;

/**
 * What `fetchUpdates` needs of y-indexeddb's own class. That class itself rejects where nobody can hear it, and throws into
 * the document, when the device refuses.
 */
type Loader = Pick<IndexeddbPersistence, 'db' | 'doc' | '_dbref' | '_dbsize' | '_destroyed'>;

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
  // From the moment on from which edits can be written without a look at what is kept.
  let loaded: IDBPDatabase | undefined;
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
    let isEmpty = true;
    await transact(async (transaction) => {
      const kept: unknown = await transaction.objectStore(CUSTOM).get(EPOCH);
      if (typeof kept === 'string') epoch = kept;
      await fetchInto(transaction).catch(() => fetchSingly(transaction));
      isEmpty = (await transaction.objectStore(UPDATES).count()) === 0;
      await readGeneration(transaction);
      loaded = transaction.db;
      if (queue.length > 0) await transaction.objectStore(UPDATES).add(takeQueue());
    });
    if (memory.has(target)) keepInMemory();
    const kept = await spare?.whenLoaded;
    return { epoch: epoch ?? kept?.epoch, isEmpty: isEmpty && (kept?.isEmpty ?? true) };
  }

  /** What was written since the last time, also by other pages. */
  function fetchInto(transaction: Transaction): Promise<unknown> {
    // It begins a transaction of its own otherwise, in which the epoch might be another one.
    copy.db = { transaction: () => unwrap(transaction) } as unknown as IDBDatabase;
    copy._destroyed = isClosed;
    return fetchUpdates(copy as unknown as IndexeddbPersistence);
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

  async function readGeneration(transaction: Transaction): Promise<void> {
    const custom = transaction.objectStore(CUSTOM);
    const kept: unknown = await custom.get(GENERATION);
    generation = typeof kept === 'string' ? kept : uuidv4();
    if (kept !== generation) await custom.put(generation, GENERATION);
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

  /** Until it is loaded, what is queued waits for that. */
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
    if (size >= PREFERRED_TRIM_SIZE && !isClosed) await transact(putTogether);
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
    await readGeneration(transaction);
    const isEmpty = (await updates.count()) === 0;
    await updates.add(isEmpty ? Y.encodeStateAsUpdate(doc) : update);
    if (isEmpty && epoch !== undefined) await custom.put(epoch, EPOCH);
  }

  /** The whole text, in the place of its updates. */
  async function putTogether(transaction: Transaction): Promise<void> {
    const updates = transaction.objectStore(UPDATES);
    const kept: unknown = await transaction.objectStore(CUSTOM).get(GENERATION);
    if (kept !== generation || (await updates.count()) < PREFERRED_TRIM_SIZE) return;
    await fetchInto(transaction);
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
  const copy: TextCopy & Loader = {
    db: null,
    doc,
    _dbref: 0,
    _dbsize: 0,
    _destroyed: false,
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
