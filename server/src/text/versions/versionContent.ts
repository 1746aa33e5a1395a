import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { TextContentJson } from '../edits/contentJson.ts';

/** What a version keeps of a text. */
export type VersionContent = { readonly text: string; readonly content: TextContentJson };

export type EncodedContent = {
  readonly bytes: Uint8Array;
  /** The same for the same bytes. */
  readonly digest: string;
};

// What is stored was checked when it came, and may be too large to be looked at again.
const storedSchema = z.object({ content: z.custom<TextContentJson>(), text: z.string().optional() });

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** JSON keeps halves of surrogate pairs by escaping them, so that any text comes back unchanged. */
export function encodeContent({ text, content }: VersionContent): EncodedContent {
  const stored = toPlainText(content) === text ? { content } : { content, text };
  const bytes = Buffer.from(JSON.stringify(stored));
  return { bytes, digest: toDigest(bytes) };
}

/** Throws where the bytes are not those that were encoded. */
export function decodeContent({ bytes, digest }: EncodedContent): VersionContent {
  if (toDigest(bytes) !== digest) throw new Error('the content of a version is damaged');
  const { content, text } = storedSchema.parse(JSON.parse(utf8.decode(bytes)));
  return { content, text: text ?? toPlainText(content) ?? '' };
}

/** Whether two texts are the same, formatting and all. */
export function isEqualContent(one: VersionContent, other: VersionContent): boolean {
  return one.text === other.text && isDeepStrictEqual(one.content, other.content);
}

function toDigest(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'base64url');
}

/** The plain text that the content of a plain text says by itself; undefined for any other content. */
function toPlainText(content: TextContentJson): string | undefined {
  let text = '';
  for (const op of content) {
    if (!('insert' in op)) return undefined;
    if (typeof op.insert === 'string') text += op.insert;
  }
  return text;
}
