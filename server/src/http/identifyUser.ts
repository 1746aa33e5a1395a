import type { User } from '@weft/client/protocol';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Authenticate } from '../auth/authenticate.ts';
import { sendProblem } from './problem.ts';

const USER_KEY = 'weftUser';

/** Establishes who sends a request, from its bearer token. */
export function identifyUser(authenticate: Authenticate): RequestHandler {
  return async (request: Request, response: Response, next: NextFunction) => {
    const token = /^Bearer +(.+)$/i.exec(request.get('Authorization') ?? '')?.[1];
    const result = await authenticate({ token });
    if (result.outcome === 'refused')
      return sendProblem(response, 'unauthenticated', { detail: result.detail });
    response.locals[USER_KEY] = result.user;
    next();
  };
}

/** Whoever `identifyUser` found. */
export function userOf(response: Response): User {
  return response.locals[USER_KEY] as User;
}
