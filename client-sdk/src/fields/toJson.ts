/**
 * The value as the server will read it, and as no later change of the caller's can touch it. Members that are undefined
 * are left out.
 *
 * @throws TypeError where JSON would store something else than was given: `NaN`, a date, a map, a function.
 */
export function toJson<Value>(value: Value): Value {
  // Undefined for what JSON leaves out, whatever the types say.
  const text = JSON.stringify(value, assertJson) as string | undefined;
  return text === undefined ? (undefined as Value) : (JSON.parse(text) as Value);
}

/** `this` has the value before its own `toJSON` made another of it. */
function assertJson(this: unknown, key: string, value: unknown): unknown {
  const given = (this as Readonly<Record<string, unknown>>)[key];
  if (!isJson(given)) throw new TypeError(`${key === '' ? 'it' : `'${key}'`} is no JSON: ${String(given)}`);
  return value;
}

function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) {
    return value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean';
  }
  return Array.isArray(value) || (isRecord(value) && !('toJSON' in value));
}

// By its tag: an object of another frame has another prototype, and is a record all the same.
function isRecord(value: object): boolean {
  return Object.prototype.toString.call(value) === '[object Object]';
}
