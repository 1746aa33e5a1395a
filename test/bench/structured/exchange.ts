import { Client } from 'undici';

export type Exchange = {
  readonly method: 'GET' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type Answer = { readonly status: number; readonly body: string };

/** One connection, kept alive, with one request under way at a time; connected when this resolves. */
export async function openConnection(url: string): Promise<Client> {
  const client = new Client(url, { pipelining: 1 });
  await exchange(client, { method: 'GET', path: '/healthz' });
  return client;
}

/** By undici's own dispatch: its streams and promises would cost the generator as much again. */
export function exchange(client: Client, { method, path, headers, body }: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let status = 0;
    client.dispatch(
      { method, path, headers: { ...headers }, body: body ?? null },
      {
        // undici asks for it, though there is nothing to do.
        onRequestStart() {},
        onResponseStart(_controller, statusCode) {
          status = statusCode;
        },
        onResponseData(_controller, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          const [whole] = chunks;
          const bytes = chunks.length === 1 && whole ? whole : Buffer.concat(chunks);
          resolve({ status, body: bytes.toString() });
        },
        onResponseError(_controller, error) {
          reject(error);
        },
      },
    );
  });
}
