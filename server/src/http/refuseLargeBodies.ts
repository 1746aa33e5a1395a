import type { Request, RequestHandler } from 'express';
import type { Clock } from '../lifecycle/clock.ts';
import { startProblem } from './problem.ts';

/** What is still read of a body that was refused, and for how long, in all and while nothing of it comes. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;
const MAX_DISCARDING_MS = 5_000;
const MAX_SILENCE_MS = 1_000;

/** Answers a body beyond the limit at once; express.raw would first wait for all of it to come. */
export function refuseLargeBodies(limit: number, clock: Clock): RequestHandler {
  return (request, response, next) => {
    let received = 0;
    const refuse = () => {
      if (response.headersSent) return;
      response.set('Connection', 'close');
      const problem = startProblem(response, 'too-large', { detail: `a body has at most ${limit} bytes` });
      response.set('Content-Length', String(Buffer.byteLength(problem)));
      response.write(problem);
      // Closed while its client still writes, a connection is reset and the answer lost.
      whenDiscarded(request, clock, () => response.end());
    };
    if (Number(request.get('Content-Length')) > limit) return refuse();
    // Whoever reads the body must begin in this same turn, or would miss its beginning.
    request.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (received > limit) refuse();
    });
    next();
  };
}

/** Reads on, and calls back once: when nothing more comes, or as much has come as is read. */
function whenDiscarded(request: Request, clock: Clock, callback: () => void): void {
  let discarded = 0;
  let cancelSilence: (() => void) | undefined;
  const expectMore = () => {
    cancelSilence?.();
    cancelSilence = clock.after(MAX_SILENCE_MS, end);
  };
  const cancelDeadline = clock.after(MAX_DISCARDING_MS, end);

  function end(): void {
    cancelSilence?.();
    cancelDeadline();
    request.off('data', discard).off('end', end).off('close', end);
    callback();
  }

  function discard(chunk: Buffer): void {
    discarded += chunk.length;
    if (discarded > MAX_DISCARDED_BYTES) end();
    else expectMore();
  }

  expectMore();
  request.on('data', discard).once('end', end).once('close', end);
  request.resume();
}
