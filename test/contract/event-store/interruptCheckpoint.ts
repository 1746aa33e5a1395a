import { readFileSync, writeFileSync } from 'node:fs';

const LOG_HEADER = 32;
const FRAME_HEADER = 24;

/**
 * Brings the file of an event store to what a SIGKILL leaves that comes when a checkpoint has moved so many pages from
 * the log into the file: SQLite moves them in the order of their numbers, each as it was last committed. No connection
 * may have the file open, and all that is in the log must be committed.
 */
export function interruptCheckpoint(path: string, toMovedPages: (pagesInLog: number) => number): void {
  const pages = readNewestPages(readFileSync(`${path}-wal`));
  const numbers = [...pages.keys()].sort((one, other) => one - other);
  let file = readFileSync(path);
  for (const number of numbers.slice(0, toMovedPages(numbers.length))) {
    const page = pages.get(number) ?? Buffer.alloc(0);
    const start = (number - 1) * page.length;
    file = Buffer.concat([file, Buffer.alloc(Math.max(0, start + page.length - file.length))]);
    page.copy(file, start);
  }
  writeFileSync(path, file);
}

/** How many pages the file of a database has by its header, and how many it has. */
export function countPages(path: string): { readonly inHeader: number; readonly inFile: number } {
  const file = readFileSync(path);
  return { inHeader: file.readUInt32BE(28), inFile: file.length / file.readUInt16BE(16) };
}

function readNewestPages(log: Buffer): Map<number, Buffer> {
  const pageSize = log.readUInt32BE(8);
  const pages = new Map<number, Buffer>();
  // What an earlier round of the log left behind its end has another salt.
  const salt = log.readBigUInt64BE(16);
  for (let at = LOG_HEADER; at + FRAME_HEADER + pageSize <= log.length; at += FRAME_HEADER + pageSize) {
    if (log.readBigUInt64BE(at + 8) !== salt) break;
    const start = at + FRAME_HEADER;
    pages.set(log.readUInt32BE(at), log.subarray(start, start + pageSize));
  }
  return pages;
}
