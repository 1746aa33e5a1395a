import { MAX_JSON_DEPTH } from '@weft/client/protocol';
import secureJsonParse from 'secure-json-parse';

export type ParsedJson =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string };

/** Parses what came from outside. Deeper nesting than the limit and `__proto__` keys are errors. */
export function parseJson(text: string): ParsedJson {
  if (isDeeperThan(text, MAX_JSON_DEPTH)) {
    return { ok: false, error: `it is nested more than ${MAX_JSON_DEPTH} levels deep` };
  }
  try {
    const value: unknown = secureJsonParse.parse(text, undefined, {
      protoAction: 'error',
      constructorAction: 'error',
    });
    return { ok: true, value };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : 'it is no JSON' };
  }
}

// A whole string, so that brackets in it do not count, or a single bracket.
const STRING_OR_BRACKET = /"(?:[^"\\]|\\.)*"?|[[\]{}]/gs;

/** Counts brackets before parsing: what recurses over a long run of them would end the process. */
function isDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  for (const [token] of text.matchAll(STRING_OR_BRACKET)) {
    if (token === '{' || token === '[') depth++;
    if (token === '}' || token === ']') depth--;
    if (depth > limit) return true;
  }
  return false;
}
