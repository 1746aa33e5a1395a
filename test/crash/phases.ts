import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Where a crash has met the server, as the file that it left behind tells. */
export type FilePhase = 'update-in-parts' | 'snapshot-in-parts' | 'before-truncation' | 'commit';

type Row = {
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly metadata: string;
};

type Metadata = { readonly part?: Part; readonly snapshot?: { readonly covers: string } };

type Part = { readonly id: string; readonly part: number; readonly parts: number };

/** Events that belong together. */
type Group = {
  readonly type: string;
  readonly parts: number;
  readonly covers: number | undefined;
  count: number;
};

const TEXT_EVENTS = ['TextUpdated', 'TextSnapshotTaken', 'TextEpochBegun']
  .map((type) => `'${type}'`)
  .join(', ');

/** Remembers what earlier crashes left, so that each is counted once. */
export function createPhaseFinder(): (file: string, copy: string) => Set<FilePhase> {
  const known = new Set<string>();
  return (file, copy) => {
    // A look at the file itself would finish what the server has to finish.
    copyFileSync(file, copy);
    const log = `${file}-wal`;
    if (existsSync(log)) copyFileSync(log, `${copy}-wal`);
    const phases = new Set<FilePhase>();
    if (existsSync(log) && endsInsideTransaction(readFileSync(log))) phases.add('commit');
    for (const [name, phase] of findUnfinished(readRows(copy))) {
      if (!known.has(name)) phases.add(phase);
      known.add(name);
    }
    return phases;
  };
}

function readRows(copy: string): Row[] {
  const database = new DatabaseSync(copy);
  try {
    return database
      .prepare(
        `SELECT s.name AS stream, e.revision, e.type, e.metadata
         FROM events AS e JOIN streams AS s ON s.id = e.stream WHERE e.type IN (${TEXT_EVENTS})`,
      )
      .all() as Row[];
  } finally {
    database.close();
  }
}

function findUnfinished(rows: readonly Row[]): Map<string, FilePhase> {
  const unfinished = new Map<string, FilePhase>();
  for (const [stream, own] of Map.groupBy(rows, (row) => row.stream)) {
    const oldest = Math.min(
      ...own.filter(({ type }) => type === 'TextUpdated').map(({ revision }) => revision),
    );
    for (const [id, { type, parts, covers, count }] of group(own)) {
      const name = `${stream} ${id}`;
      if (count < parts)
        unfinished.set(name, type === 'TextUpdated' ? 'update-in-parts' : 'snapshot-in-parts');
      else if (covers !== undefined && oldest <= covers) unfinished.set(name, 'before-truncation');
    }
  }
  return unfinished;
}

function group(rows: readonly Row[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const { type, revision, metadata } of rows) {
    const { part, snapshot } = JSON.parse(metadata) as Metadata;
    const id = part?.id ?? String(revision);
    const known = groups.get(id);
    const covers = snapshot && Number(snapshot.covers);
    if (known) known.count += 1;
    else groups.set(id, { type, parts: part?.parts ?? 1, covers, count: 1 });
  }
  return groups;
}

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/**
 * Whether the write-ahead log ends in frames that no commit follows. Frames of an earlier use of the file carry other
 * salts, and those of an earlier crash a checksum that does not go on from the frame before.
 */
function endsInsideTransaction(log: Buffer): boolean {
  if (log.length < HEADER_BYTES) return false;
  const pageBytes = log.readUInt32BE(8);
  const isBigEndian = (log.readUInt32BE(0) & 1) === 1;
  const size = FRAME_HEADER_BYTES + pageBytes;
  const salts = log.subarray(16, 24);
  let uncommitted = 0;
  for (let at = HEADER_BYTES; at + size <= log.length; at += size) {
    if (!log.subarray(at + 8, at + 16).equals(salts)) break;
    if (log.readUInt32BE(at + 4) !== 0) uncommitted = 0;
    else if (uncommitted > 0 || followsOn(log, { at, pageBytes, isBigEndian })) uncommitted += 1;
    else break;
  }
  return uncommitted > 0;
}

type Frame = { readonly at: number; readonly pageBytes: number; readonly isBigEndian: boolean };

function followsOn(log: Buffer, { at, pageBytes, isBigEndian }: Frame): boolean {
  const before = at === HEADER_BYTES ? HEADER_BYTES - 8 : at - pageBytes - 8;
  let first = log.readUInt32BE(before);
  let second = log.readUInt32BE(before + 4);
  const read = (place: number) => (isBigEndian ? log.readUInt32BE(place) : log.readUInt32LE(place));
  const add = (start: number, end: number) => {
    for (let place = start; place < end; place += 8) {
      first = (first + read(place) + second) >>> 0;
      second = (second + read(place + 4) + first) >>> 0;
    }
  };
  add(at, at + 8);
  add(at + FRAME_HEADER_BYTES, at + FRAME_HEADER_BYTES + pageBytes);
  return log.readUInt32BE(at + 16) === first && log.readUInt32BE(at + 20) === second;
}
