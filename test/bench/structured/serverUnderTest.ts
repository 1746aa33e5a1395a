import { join } from 'node:path';
import { type ServerUnderTest, startServer } from '../support/serverUnderTest.ts';

/** What Express needs at least to read JSON and to answer it. */
export function startEcho(resources: DisposableStack): Promise<ServerUnderTest> {
  return startServer(resources, { args: [join(import.meta.dirname, 'echoServer.ts')] });
}

/** The echo, with each body stored in this folder before it is answered. */
export function startStoringEcho(resources: DisposableStack, folder: string): Promise<ServerUnderTest> {
  const server = join(import.meta.dirname, 'appendServer.ts');
  return startServer(resources, { args: ['--conditions=weft-source', server, join(folder, 'echo.db')] });
}
