import { MAX_JSON_DEPTH } from '@weft/client/protocol';
import secureJsonParse from 'secure-json-parse';

export type ParsedJson =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string };

/**
 * Parses what came from outside. Errors are deeper nesting than the limit, `__proto__` keys, `constructor` keys that
 * hold a `prototype`, a backslash in a key, a key twice in one object (RFC 7493, 2.3) and a number that no double can
 * hold, such as 1e400.
 */
export function parseJson(text: string): ParsedJson {
  const outline = readOutline(text);
  if (typeof outline === 'string') return refuse(outline);
  try {
    const value: unknown = secureJsonParse.parse(text, undefined, {
      protoAction: 'error',
      constructorAction: 'error',
    });
    const content: Content = { keys: 0, hasInfinity: false, hasBackslashInKey: false };
    survey(value, content);
    if (content.hasInfinity) return refuse('it holds a number that is too large');
    if (content.hasBackslashInKey) return refuse(BACKSLASH_IN_KEY);
    // The parser keeps the last of equal keys, however they were spelled.
    if (content.keys !== outline.keys) return refuse('it holds a key twice in one object');
    return { ok: true, value };
  } catch (error) {
    return refuse(error instanceof Error ? error.message : 'it is no JSON');
  }
}

function refuse(error: string): ParsedJson {
  return { ok: false, error };
}

const TOO_DEEP = `it is nested more than ${MAX_JSON_DEPTH} levels deep`;
const BACKSLASH_IN_KEY = 'it holds a backslash in a key';

type Content = { keys: number; hasInfinity: boolean; hasBackslashInKey: boolean };

/** Adds what a value holds. It recurses: only for what is known not to be too deep. */
function survey(value: unknown, content: Content): void {
  if (typeof value === 'number') content.hasInfinity ||= !Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) return value.forEach((item) => survey(item, content));
  for (const [key, member] of Object.entries(value)) {
    content.keys++;
    content.hasBackslashInKey ||= key.includes('\\');
    survey(member, content);
  }
}

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

// Once V8 has parsed a key with a backslash, it may mistake another key with an escape for it (nodejs/node#63785), so
// that one person's body would spoil another's. Such keys never reach the parser.
const ESCAPED_BACKSLASH = /\\(?:\\|u005c)/i;

/**
 * Counts brackets and keys before parsing, or says what is wrong with them: what recurses over a long run of brackets
 * would end the process. In JSON a colon outside a string follows a key, and nothing else.
 */
function readOutline(text: string): { readonly keys: number } | string {
  let depth = 0;
  let keys = 0;
  let stringStart = 0;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case QUOTE:
        stringStart = index;
        index = findEndOfString(text, index);
        break;
      case COLON:
        keys++;
        if (ESCAPED_BACKSLASH.test(text.slice(stringStart, index))) return BACKSLASH_IN_KEY;
        // Or else a run of colons would have one string read again and again.
        stringStart = index;
        break;
      case OPENING_BRACKET:
      case OPENING_BRACE:
        if (++depth > MAX_JSON_DEPTH) return TOO_DEEP;
        break;
      case CLOSING_BRACKET:
      case CLOSING_BRACE:
        depth--;
        break;
      default:
    }
  }
  return { keys };
}

/** The index of the quote that ends the string, or the text's length where none does. */
function findEndOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text.charCodeAt(before - 1) === BACKSLASH) before--;
    const isEscaped = (end - before) % 2 === 1;
    if (!isEscaped) return end;
  }
  return text.length;
}
