import express, { type ErrorRequestHandler, type Express } from 'express';
import type { Authenticate } from '../auth/authenticate.ts';
import { isPassingFault } from '../event-store/eventStoreError.ts';
import type { Clock } from '../lifecycle/clock.ts';
import type { Logger } from '../lifecycle/logger.ts';
import { OverloadedError } from '../text/document/overloadedError.ts';
import { type AggregateRoutesOptions, createAggregateRoutes } from './aggregateRoutes.ts';
import { collectBodies } from './collectBodies.ts';
import { type CollectionRoutesOptions, createCollectionRoutes } from './collectionRoutes.ts';
import { createCommandRoutes } from './commandRoutes.ts';
import { identifyUser } from './identifyUser.ts';
import { createLostValueRoutes, type LostValueRoutesOptions } from './lostValueRoutes.ts';
import { createManyRoutes } from './manyRoutes.ts';
import { createOperationsRoutes, type OperationsRoutesOptions } from './operationsRoutes.ts';
import { createPageRoutes } from './pageRoutes.ts';
import { type ProblemCode, PROBLEMS, sendProblem } from './problem.ts';
import { createRequestRoutes, type RequestRoutesOptions } from './requestRoutes.ts';
import { createTextRoutes } from './textRoutes.ts';
import { createTextVersionRoutes, type TextVersionRoutesOptions } from './textVersionRoutes.ts';

export type HttpAppOptions = AggregateRoutesOptions &
  CollectionRoutesOptions &
  LostValueRoutesOptions &
  OperationsRoutesOptions &
  RequestRoutesOptions &
  TextVersionRoutesOptions & {
    readonly authenticate: Authenticate;
    readonly logger: Logger;
    readonly clock: Clock;
    /** A folder with a built page to serve at `/`. Default: none. */
    readonly page?: URL | undefined;
  };

/** Everything that the server answers over HTTP. */
export function createHttpApp(options: HttpAppOptions): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.use((_request, response, next) => {
    response.set('X-Content-Type-Options', 'nosniff');
    next();
  });
  app.use(
    '/api',
    (_request, response, next) => {
      response.set('Cache-Control', 'no-cache');
      next();
    },
    identifyUser(options.authenticate),
    collectBodies(options.clock),
    createAggregateRoutes(options),
    createCollectionRoutes(options),
    createManyRoutes(options),
    createCommandRoutes(options),
    createLostValueRoutes(options),
    createRequestRoutes(options),
    createTextRoutes(options),
    createTextVersionRoutes(options),
  );
  app.use(createOperationsRoutes(options));
  if (options.page) app.use(createPageRoutes(options.page));
  app.use((_request, response) => sendProblem(response, 'not-found', { detail: 'nothing is at this path' }));
  app.use(createErrorHandler(options.logger));
  return app;
}

function createErrorHandler(logger: Logger): ErrorRequestHandler {
  // eslint-disable-next-line @typescript-eslint/max-params -- express tells a handler of errors by its four parameters
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const code = toProblemCode(error);
    if (PROBLEMS[code].status >= 500) {
      logger.error({ err: error, method: request.method, path: request.path }, 'a request failed');
    }
    sendProblem(response, code, { detail: DETAILS[code] ?? toDetail(error) });
  };
}

const DETAILS: Partial<Record<ProblemCode, string>> = {
  internal: 'the fault was logged',
  overloaded: 'too many texts are being read or edited',
  unavailable: 'what became of the request is not known; repeat it with the same Idempotency-Key',
};

/** Those of Express and its body parser say by `expose` whether their message is for whoever asked. */
function toDetail(error: unknown): string {
  // An address is decoded before anything else; what the router says of one that cannot be is its own affair.
  if (error instanceof URIError) return 'the path has percent signs that are no encoding of UTF-8';
  const isForAll = error instanceof Error && 'expose' in error && error.expose === true;
  return isForAll ? error.message : 'see the title';
}

function toProblemCode(error: unknown): ProblemCode {
  if (error instanceof OverloadedError) return 'overloaded';
  if (isPassingFault(error)) return 'unavailable';
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' ? toCodeOfStatus(status) : 'internal';
}

/** Express and its body parser say by a status what is wrong with a request. */
function toCodeOfStatus(status: number): ProblemCode {
  if (status === 413) return 'too-large';
  if (status === 415) return 'unsupported-media-type';
  return status >= 400 && status < 500 ? 'malformed-request' : 'internal';
}
