const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** Whether a JSON text is nested deeper than so many levels. Of what is no JSON, the answer means nothing. */
export function isNestedDeeper(json: string, levels: number): boolean {
  // Every level takes a character, and most values are shorter.
  if (json.length <= levels) return false;
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < json.length; index++) {
    const code = json.charCodeAt(index);
    if (isInString) {
      if (code === BACKSLASH) index++;
      else if (code === QUOTE) isInString = false;
    } else if (code === QUOTE) isInString = true;
    else depth += depthChangeOf(code);
    if (depth > levels) return true;
  }
  return false;
}

function depthChangeOf(code: number): number {
  if (code === OPENING_BRACKET || code === OPENING_BRACE) return 1;
  return code === CLOSING_BRACKET || code === CLOSING_BRACE ? -1 : 0;
}
