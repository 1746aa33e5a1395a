import { MAX_JSON_BYTES, MAX_JSON_DEPTH } from '../../protocol/limits.ts';
import type { Up } from '../../protocol/messages/up.ts';
import type { Rejection } from '../../protocol/rejection.ts';

/** Why a message cannot be sent: the server ends the session over it, and every session that sends it again. */
export function findUnsendable(message: Up): Rejection | undefined {
  const isTooBig = new TextEncoder().encode(JSON.stringify(message)).byteLength > MAX_JSON_BYTES;
  const detail = isTooBig ? `the command takes more than ${MAX_JSON_BYTES} bytes` : findFault(message, 1);
  return detail === undefined ? undefined : { outcome: 'rejected', code: 'malformed-request', detail };
}

function findFault(value: unknown, depth: number): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > MAX_JSON_DEPTH) return `the command is nested more than ${MAX_JSON_DEPTH} levels deep`;
  for (const [key, member] of Object.entries(value)) {
    const isRefused = key === '__proto__' || key.includes('\\') || isConstructor(key, member);
    if (isRefused) return `no key may be '${key}'`;
    const fault = findFault(member, depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function isConstructor(key: string, member: unknown): boolean {
  return (
    key === 'constructor' &&
    typeof member === 'object' &&
    member !== null &&
    Object.hasOwn(member, 'prototype')
  );
}
