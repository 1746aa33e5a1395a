/** An answer of the HTTP interface, read whole. */
export type HttpAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: Record<string, unknown> | undefined;
};

export type HttpRequest = {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Calls a server; a body that is no string or bytes is sent as JSON. */
export async function call(
  url: string,
  method: string,
  { body, headers }: HttpRequest = {},
): Promise<HttpAnswer> {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const sent = body === undefined ? undefined : raw ? body : JSON.stringify(body);
  const response = await fetch(url, {
    method,
    headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    ...(sent !== undefined && { body: sent as BodyInit }),
  });
  const text = await response.text();
  const isJson = response.headers.get('Content-Type')?.includes('json') === true;
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? (JSON.parse(text) as Record<string, unknown>) : undefined,
  };
}
