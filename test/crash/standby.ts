// Loaded before the server's own main: whatever main imports is loaded, and then it waits until it is told to start.
// So a killed server is followed by the next one at once, and most of its start is spent while the last one still runs.
import { once } from 'node:events';
import { flushCompileCache } from 'node:module';
import { isMainThread } from 'node:worker_threads';

// Its workers are given the same options.
if (isMainThread) await standBy();

async function standBy(): Promise<void> {
  await import('../../server/src/createServer.ts');
  await import('../../server/src/loadApplication.ts');
  await import('../../server/src/settings.ts');
  await import('../../examples/notes/application.ts');
  // It is killed, and would else keep nothing of what it compiled.
  flushCompileCache();
  const { stdin } = process;
  // Nobody would end it when whoever started it is gone.
  stdin.once('end', () => process.kill(process.pid, 'SIGKILL'));
  await once(stdin, 'data');
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
}
