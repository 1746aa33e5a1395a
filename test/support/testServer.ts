import { createServer, type ServerOptions, type WeftServer } from '@weft/server';
import { onTestFinished } from 'vitest';
import { note } from '../../examples/notes/note.ts';

/** A server of the notes application in this process, on a free port, closed when the test has finished. */
export async function startTestServer(options: Partial<ServerOptions> = {}): Promise<WeftServer> {
  const server = await createServer({ aggregates: [note], port: 0, ...options });
  onTestFinished(() => server.close());
  return server;
}
