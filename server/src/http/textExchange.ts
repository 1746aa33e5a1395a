import type { Request, Response } from 'express';
import type { AggregateReader } from '../aggregates/aggregateReader.ts';
import type { TextAddress } from '../text/textParticipant.ts';
import type { TextRooms } from '../text/textRooms.ts';
import type { TextNames } from './describeTexts.ts';
import { sendProblem } from './problem.ts';
import { sendAbsence } from './sendAbsence.ts';

export type TextRoutesOptions = {
  readonly reader: AggregateReader;
  readonly rooms: TextRooms;
  readonly textNames: TextNames;
};

/** A request about one text, and where its answer goes. */
export type TextExchange = {
  readonly request: Request;
  readonly response: Response;
  readonly at: TextAddress;
};

/** Which epoch of a text an answer is of. */
export const EPOCH_HEADER = 'Weft-Text-Epoch';

/** Whether there is the text; where it is not, the request is answered. */
export async function findText(
  { reader, textNames }: Pick<TextRoutesOptions, 'reader' | 'textNames'>,
  { aggregate, id, field }: TextAddress,
  response: Response,
): Promise<boolean> {
  const view = await reader.read(aggregate, id);
  const isThere = view.status === 'existing' && textNames.get(aggregate)?.includes(field) === true;
  if (isThere) return true;
  const isAbsent = view.status === 'deleted' || view.status === 'unknown-aggregate';
  if (isAbsent) sendAbsence(response, view.status);
  else sendProblem(response, 'not-found', { detail: 'there is no such text' });
  return false;
}

/** What only writes to fields take; whoever sends it counts on what would not be done. */
const NOT_OF_TEXTS = ['Consistency-Token', 'Fields-Match'];

/** Whether a write to a text asks only for what there is; where it does not, it is answered. */
export function takesHeaders({ request, response }: TextExchange): boolean {
  const refused = NOT_OF_TEXTS.find((name) => request.get(name) !== undefined);
  if (refused !== undefined) {
    sendProblem(response, 'malformed-request', { detail: `a text takes If-Match, and no ${refused}` });
    return false;
  }
  if (Object.keys(request.query).length > 0) {
    sendProblem(response, 'malformed-request', { detail: 'a text takes no query parameters' });
    return false;
  }
  // What is there is not absent.
  if (request.get('If-None-Match')?.trim() === '*') {
    sendProblem(response, 'precondition-failed', { detail: 'there is a text, even if it is empty' });
    return false;
  }
  return true;
}
