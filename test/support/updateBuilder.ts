import * as encoding from 'lib0/encoding';

type Write = (encoder: encoding.Encoder) => void;

/** Client id and clock of one operation. */
export type Id = readonly [client: number, clock: number];

export type Place = {
  /** Default, where there are no neighbours and no parent: `body`. */
  readonly root?: string;
  readonly parent?: Id;
  readonly key?: string;
  readonly after?: Id;
  readonly before?: Id;
};

export type HandMadeContent = { readonly ref: number; readonly write: Write };

export type HandMadeSection = {
  readonly client: number;
  readonly clock?: number;
  readonly structs: readonly Write[];
};

export type HandMadeUpdate = {
  readonly sections?: readonly HandMadeSection[];
  readonly deletions?: readonly (readonly [
    client: number,
    ranges: readonly (readonly [start: number, length: number])[],
  ])[];
};

const AFTER_BIT = 0x80;
const BEFORE_BIT = 0x40;
const KEY_BIT = 0x20;

function numbers(...values: number[]): Write {
  return (encoder) => values.forEach((value) => encoding.writeVarUint(encoder, value));
}

/** What an item holds, as Yjs writes it in its first encoding. */
export const contents = {
  deleted: (length: number): HandMadeContent => ({ ref: 1, write: numbers(length) }),
  json: (texts: readonly string[]): HandMadeContent => ({
    ref: 2,
    write: (encoder) => {
      encoding.writeVarUint(encoder, texts.length);
      for (const text of texts) encoding.writeVarString(encoder, text);
    },
  }),
  binary: (bytes: Uint8Array): HandMadeContent => ({
    ref: 3,
    write: (encoder) => encoding.writeVarUint8Array(encoder, bytes),
  }),
  string: (text: string): HandMadeContent => ({
    ref: 4,
    write: (encoder) => encoding.writeVarString(encoder, text),
  }),
  /** The value as JSON. */
  embed: (json: string): HandMadeContent => ({
    ref: 5,
    write: (encoder) => encoding.writeVarString(encoder, json),
  }),
  format: (name: string, json: string): HandMadeContent => ({
    ref: 6,
    write: (encoder) => {
      encoding.writeVarString(encoder, name);
      encoding.writeVarString(encoder, json);
    },
  }),
  /** A shared type by its number; elements and hooks have a name. */
  type: (type: number, name?: string): HandMadeContent => ({
    ref: 7,
    write: (encoder) => {
      encoding.writeVarUint(encoder, type);
      if (name !== undefined) encoding.writeVarString(encoder, name);
    },
  }),
  any: (values: readonly unknown[]): HandMadeContent => ({
    ref: 8,
    write: (encoder) => {
      encoding.writeVarUint(encoder, values.length);
      for (const value of values) encoding.writeAny(encoder, value as encoding.AnyEncodable);
    },
  }),
  document: (guid: string): HandMadeContent => ({
    ref: 9,
    write: (encoder) => {
      encoding.writeVarString(encoder, guid);
      encoding.writeAny(encoder, {});
    },
  }),
  raw: (ref: number, ...bytes: number[]): HandMadeContent => ({
    ref,
    write: (encoder) => encoding.writeUint8Array(encoder, Uint8Array.from(bytes)),
  }),
};

/** Shared types as Yjs numbers them. */
export const TYPES = { array: 0, map: 1, text: 2, element: 3, fragment: 4, hook: 5, xmlText: 6 } as const;

export function item(content: HandMadeContent, place: Place = {}): Write {
  const { root = 'body', parent, key, after, before } = place;
  return (encoder) => {
    const bits = (after ? AFTER_BIT : 0) | (before ? BEFORE_BIT : 0) | (key === undefined ? 0 : KEY_BIT);
    encoding.writeUint8(encoder, content.ref | bits);
    if (after) numbers(...after)(encoder);
    if (before) numbers(...before)(encoder);
    if (!after && !before) {
      encoding.writeVarUint(encoder, parent ? 0 : 1);
      if (parent) numbers(...parent)(encoder);
      else encoding.writeVarString(encoder, root);
      if (key !== undefined) encoding.writeVarString(encoder, key);
    }
    content.write(encoder);
  };
}

/** A run that was collected. */
export function collected(length: number): Write {
  return numbers(0, length);
}

/** A run that was left out. */
export function skipped(length: number): Write {
  return numbers(10, length);
}

/** An update as no client need have made it, byte by byte; sections are written in the order in which they are given. */
export function buildUpdate({ sections = [], deletions = [] }: HandMadeUpdate): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, sections.length);
    for (const { client, clock = 0, structs } of sections) {
      numbers(structs.length, client, clock)(encoder);
      for (const write of structs) write(encoder);
    }
    encoding.writeVarUint(encoder, deletions.length);
    for (const [client, ranges] of deletions) {
      numbers(client, ranges.length)(encoder);
      for (const range of ranges) numbers(...range)(encoder);
    }
  });
}
