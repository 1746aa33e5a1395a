import type { ServerOptions, WeftServer } from '@weft/server';
import { expect } from 'vitest';
import { createInMemoryEventStore } from '../../server/src/event-store/inMemoryEventStore.ts';
import type { EventStore, StoredEvent } from '../../server/src/event-store/eventStore.ts';
import { call, type HttpAnswer, type HttpRequest } from './httpClient.ts';
import { type RawAnswer, type RawRequest, sendRaw } from './rawHttp.ts';
import { startTestServer } from './testServer.ts';

/** Every way to send a body to a server with the note `n1`. */
export const WRITES_WITH_BODY = [
  ['PATCH', '/api/note/n1'],
  ['PUT', '/api/note/n2'],
  ['POST', '/api/note'],
  ['POST', '/api/note/n1/commands/assign'],
] as const;

/** A server with one note, `n1`, whose every event can be read. */
export type WatchedServer = {
  readonly server: WeftServer;
  /** The token of the note as it was created. */
  readonly token: string;
  http(method: string, path: string, request?: HttpRequest): Promise<HttpAnswer>;
  raw(request: RawRequest): Promise<RawAnswer>;
  /** Every event of every stream, oldest first. */
  readEvents(): Promise<readonly StoredEvent[]>;
  /** Fails where the action leaves another event behind, or a server that serves nobody else. */
  leavesAllAsItWas<Result>(action: () => Promise<Result>): Promise<Result>;
};

type WatchedServerOptions = Omit<Partial<ServerOptions>, 'store'> & {
  /** Default: an empty one in memory. */
  readonly store?: EventStore;
};

export async function startWatchedServer({
  store = createInMemoryEventStore(),
  ...options
}: WatchedServerOptions = {}): Promise<WatchedServer> {
  const server = await startTestServer({ store, ...options });
  const http: WatchedServer['http'] = (method, path, request) => call(server.url + path, method, request);
  const readEvents = () => store.readAll({ limit: 100_000 });
  const { json } = await http('PUT', '/api/note/n1', { body: { title: 'Plan' } });
  return {
    server,
    token: String(json?.token),
    http,
    raw: (request) => sendRaw(server.url, request),
    readEvents,
    leavesAllAsItWas: async (action) => {
      const before = (await readEvents()).filter(isNoLostValue);
      const result = await action();
      expect((await readEvents()).filter(isNoLostValue)).toEqual(before);
      const next = await http('POST', '/api/note', { body: { title: 'Next' } });
      expect(next.status).toBe(201);
      return result;
    },
  };
}

/** A value that a conflict refused is kept beside its aggregate, for whoever wants it back. */
function isNoLostValue({ stream }: StoredEvent): boolean {
  return !stream.startsWith('note.conflicts-');
}
