import express, { type ErrorRequestHandler, type Express } from 'express';
import type { Authenticate } from '../auth/authenticate.ts';
import { isPassingFault } from '../event-store/eventStoreError.ts';
import type { Logger } from '../lifecycle/logger.ts';
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
    collectBodies(),
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
    sendProblem(response, code, { detail: DETAILS[code] ?? 'see the title' });
  };
}

const DETAILS: Partial<Record<ProblemCode, string>> = {
  internal: 'the fault was logged',
  unavailable: 'what became of the request is not known; repeat it with the same Idempotency-Key',
};

function toProblemCode(error: unknown): ProblemCode {
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
