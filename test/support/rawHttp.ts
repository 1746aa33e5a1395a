import { connect } from 'node:net';

export type RawRequest = {
  readonly method: string;
  /** Sent as it is, in UTF-8. */
  readonly path: string;
  /** Names and values, in Latin-1; a name may come twice. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Sent with its Content-Length, unless the headers tell of a length or an encoding of their own. */
  readonly body?: string | Uint8Array;
};

export type RawAnswer = {
  /** Undefined where the server hung up without an answer. */
  readonly status: number | undefined;
  readonly headers: Headers;
  readonly text: string;
  /** The code of a problem document; undefined where the answer is none. */
  readonly problem: string | undefined;
};

/** Sends what fetch would refuse to send or would tidy up first. Resolves when the server has hung up. */
export async function sendRaw(url: string, request: RawRequest): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const received: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<undefined>();
  socket.on('data', (chunk) => received.push(chunk));
  // A server that hangs up on what is still on its way resets the connection, behind its answer.
  socket.on('error', () => undefined);
  socket.on('close', () => resolve(undefined));
  socket.write(encode(request));
  await promise;
  return toAnswer(Buffer.concat(received));
}

function encode({ method, path, headers = [], body = '' }: RawRequest): Buffer {
  const bytes = Buffer.from(body);
  const names = headers.map(([name]) => name.toLowerCase());
  const isMeasured = names.includes('content-length') || names.includes('transfer-encoding');
  const lines = [
    ...(names.includes('host') ? [] : ['Host: localhost']),
    ...(names.includes('connection') ? [] : ['Connection: close']),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(isMeasured || bytes.length === 0 ? [] : [`Content-Length: ${bytes.length}`]),
  ];
  const start = Buffer.from(`${method} ${path} HTTP/1.1\r\n`);
  return Buffer.concat([start, Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]);
}

function toAnswer(bytes: Buffer): RawAnswer {
  const [head, text] = splitOnce(bytes.toString(), '\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1];
  const headers = new Headers(lines.map((line): [string, string] => splitOnce(line, ': ')));
  const isProblem = headers.get('Content-Type')?.startsWith('application/problem+json') === true;
  return {
    status: status === undefined ? undefined : Number(status),
    headers,
    text,
    problem: isProblem && text !== '' ? toCode(text) : undefined,
  };
}

function toCode(text: string): string | undefined {
  const { type } = JSON.parse(text) as { type: string };
  return /^urn:weft:problem:(.+)$/.exec(type)?.[1];
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
