import { MAX_JSON_BYTES, MAX_TEXT_FRAME_BYTES } from '@weft/client/protocol';
import express, { type RequestHandler } from 'express';
import { refuseLargeBodies } from './refuseLargeBodies.ts';

const TEXT = /^\/[^/]+\/[^/]+\/texts\/[^/]+\/?$/i;

/** Collects bodies as bytes, whatever they are. A text may be as large as what a client sends of it in one frame. */
export function collectBodies(): RequestHandler {
  const collectJson = collectUpTo(MAX_JSON_BYTES);
  const collectText = collectUpTo(MAX_TEXT_FRAME_BYTES);
  return (request, response, next) => {
    const collect = TEXT.test(request.path) ? collectText : collectJson;
    return collect(request, response, next);
  };
}

function collectUpTo(limit: number): RequestHandler {
  const refuse = refuseLargeBodies(limit);
  const collect: RequestHandler = express.raw({ type: () => true, limit });
  return (request, response, next) => refuse(request, response, () => collect(request, response, next));
}
