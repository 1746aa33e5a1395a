import type { Request } from 'express';

/** What a client prefers (RFC 7240). What is not understood is ignored, as the RFC has it. */
export type Preferences = {
  readonly handling: 'strict' | 'lenient';
  readonly respondAsync: boolean;
  /** Seconds; undefined where nothing was said. */
  readonly wait: number | undefined;
};

export function readPreferences(request: Request): Preferences {
  const preferences = parse(request.get('Prefer') ?? '');
  const wait = preferences.get('wait') ?? '';
  return {
    handling: preferences.get('handling') === 'lenient' ? 'lenient' : 'strict',
    respondAsync: preferences.has('respond-async'),
    wait: /^\d{1,9}$/.test(wait) ? Number(wait) : undefined,
  };
}

/** By name, in lower case as all of it; of preferences repeated, the first counts (RFC 7240, section 2). */
function parse(header: string): ReadonlyMap<string, string> {
  const preferences = new Map<string, string>();
  for (const part of header.toLowerCase().split(',')) {
    // Behind a semicolon are a preference's parameters, and none of ours has any.
    const [preference = ''] = part.split(';', 1);
    const [name = '', value = ''] = preference.split('=').map((piece) => piece.trim());
    if (name !== '' && !preferences.has(name)) preferences.set(name, unquote(value));
  }
  return preferences;
}

function unquote(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}
