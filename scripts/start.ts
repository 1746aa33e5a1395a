// What `npm start` runs: builds the notes page where it changed, then serves it.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { buildPage } from './buildPage.ts';

const ROOT = resolve(import.meta.dirname, '..');

await buildPage();
serve();

function serve(): void {
  const main = resolve(ROOT, 'server/src/main.ts');
  const application = resolve(ROOT, 'examples/notes/application.ts');
  const server = spawn(process.execPath, ['--conditions=weft-source', main, application], {
    stdio: 'inherit',
  });
  // A signal to this process alone goes on to the server; one to the whole group reaches it twice, and it knows that.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => server.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal));
  }
  server.on('error', (error) => {
    console.error(`The server could not be started: ${error.message}`);
    process.exit(1);
  });
  server.on('exit', (code, signal) => {
    // As a shell says it where a signal ended the server.
    process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
  });
}
