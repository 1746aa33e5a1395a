import { MAX_JSON_BYTES, MAX_TEXT_FRAME_BYTES } from '@weft/client/protocol';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { Clock } from '../lifecycle/clock.ts';
import { sendProblem } from './problem.ts';
import { refuseLargeBodies } from './refuseLargeBodies.ts';

const TEXT = /^\/[^/]+\/[^/]+\/texts\/[^/]+\/?$/i;

/** Collects bodies as bytes, whatever they are. A text may be as large as what a client sends of it in one frame. */
export function collectBodies(clock: Clock): RequestHandler {
  const collectJson = collectUpTo(MAX_JSON_BYTES, clock);
  const collectText = collectUpTo(MAX_TEXT_FRAME_BYTES, clock);
  return (request, response, next) => {
    const collect = TEXT.test(request.path) ? collectText : collectJson;
    return collect(request, response, next);
  };
}

function collectUpTo(limit: number, clock: Clock): RequestHandler {
  const refuse = refuseLargeBodies(limit, clock);
  const collect: RequestHandler = express.raw({ type: () => true, limit });
  return (request, response, next) =>
    refuse(request, response, () =>
      collect(request, response, (error: unknown) => {
        if (error === undefined) next();
        // One that was refused as too large is answered; that it was not collected either is no news.
        else if (!response.headersSent) answerUncollected({ request, response, next, limit }, error);
      }),
    );
}

type Uncollected = {
  readonly request: Request;
  readonly response: Response;
  readonly next: NextFunction;
  readonly limit: number;
};

/** Says what is wrong with a body that is encoded; the others are refused before. */
function answerUncollected({ request, response, next, limit }: Uncollected, error: unknown): void {
  const encoding = request.get('Content-Encoding');
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  if (encoding === undefined) return next(error);
  switch (status) {
    case 400:
      return sendProblem(response, 'malformed-request', {
        detail: 'the body is not what its Content-Encoding says',
      });
    case 413:
      return sendProblem(response, 'too-large', { detail: `a body has at most ${limit} bytes, inflated` });
    case 415:
      return sendProblem(response, 'unsupported-media-type', {
        detail: 'Content-Encoding is one of gzip, deflate, br and zstd',
      });
    default:
      return next(error);
  }
}
