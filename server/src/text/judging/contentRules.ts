import type { TextKind } from '@weft/client/protocol';

/** What an update may hold, as Yjs numbers it: `contentRefs` in its `Item.js`, `typeRefs` in its `ContentType.js`. */
export type ContentRules = {
  /** With the two runs that are no items: 0 for what was collected, 10 for what was left out. */
  readonly contents: ReadonlySet<number>;
  /** Of shared types. */
  readonly types: ReadonlySet<number>;
  /** Whether content may be inside other content, and under a key of it. */
  readonly isNested: boolean;
};

export const CONTENT_REFS = {
  collected: 0,
  deleted: 1,
  json: 2,
  string: 4,
  embed: 5,
  format: 6,
  type: 7,
  any: 8,
  skip: 10,
} as const;

const TYPE_REFS = { map: 1, xmlElement: 3, xmlHook: 5, xmlText: 6 } as const;

const { collected, deleted, json, string, embed, format, type, any, skip } = CONTENT_REFS;

export const CONTENT_RULES: Readonly<Record<TextKind, ContentRules>> = {
  text: {
    contents: new Set([collected, deleted, string, embed, format, skip]),
    types: new Set(),
    isNested: false,
  },
  'rich-text': {
    contents: new Set([collected, deleted, string, embed, format, skip, type, any, json]),
    types: new Set(Object.values(TYPE_REFS)),
    isNested: true,
  },
};
