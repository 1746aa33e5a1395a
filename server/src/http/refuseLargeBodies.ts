import type { RequestHandler } from 'express';
import { sendProblem } from './problem.ts';

/** Answers a body beyond the limit at once and hangs up; express.raw would first wait for all of it to come. */
export function refuseLargeBodies(limit: number): RequestHandler {
  return (request, response, next) => {
    let received = 0;
    const refuse = () => {
      if (response.headersSent) return;
      response.set('Connection', 'close');
      sendProblem(response, 'too-large', { detail: `a body has at most ${limit} bytes` });
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
