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

/** Counts brackets before parsing: a parser that recurses would end the process on a long run of them. */
function isDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    if (depth > limit) return true;
  }
  return false;
}
