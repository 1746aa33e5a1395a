export type PlainObject = Readonly<Record<string, unknown>>;

/** Whether a value of JSON is an object, and neither a list nor null. */
export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
