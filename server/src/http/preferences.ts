import type { Request } from 'express';

/** What a client prefers (RFC 7240). What is not understood is ignored, as the RFC has it. */
export type Preferences = {
  readonly handling: 'strict' | 'lenient';
  readonly respondAsync: boolean;
  /** Seconds; undefined where nothing was said. */
  readonly wait: number | undefined;
};

// A preference with its value; of preferences repeated, the first counts (RFC 7240, section 2).
const PREFERENCE = /^\s*([!#$%&'*+.^_`|~A-Za-z0-9-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s;"]*)))?\s*(?:;.*)?$/;

export function readPreferences(request: Request): Preferences {
  const preferences = parse(request.get('Prefer') ?? '');
  const wait = preferences.get('wait') ?? '';
  return {
    handling: preferences.get('handling') === 'lenient' ? 'lenient' : 'strict',
    respondAsync: preferences.has('respond-async'),
    wait: /^\d{1,9}$/.test(wait) ? Number(wait) : undefined,
  };
}

function parse(header: string): ReadonlyMap<string, string> {
  const preferences = new Map<string, string>();
  for (const part of header.split(',')) {
    const [, name, quoted, plain] = PREFERENCE.exec(part) ?? [];
    if (name === undefined || preferences.has(name.toLowerCase())) continue;
    preferences.set(name.toLowerCase(), (quoted ?? plain ?? '').toLowerCase());
  }
  return preferences;
}
