import type { Peekable } from '../lifecycle/peekable.ts';

export type Reading<Value, Part> = {
  readonly read: (value: Value) => Part;
  readonly isSame: (before: Part, now: Part) => boolean;
};

/** A part of something, which stays the same object while it says the same. */
export function derive<Value, Part>(
  source: Peekable<Value>,
  { read, isSame }: Reading<Value, Part>,
): Peekable<Part> {
  let last: { readonly value: Value; readonly part: Part } | undefined;
  return {
    subscribe: source.subscribe,
    peek: () => {
      const value = source.peek();
      if (last?.value === value) return last.part;
      const part = read(value);
      last = { value, part: last && isSame(last.part, part) ? last.part : part };
      return last.part;
    },
  };
}
