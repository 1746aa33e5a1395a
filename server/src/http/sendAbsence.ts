import type { Response } from 'express';
import { sendProblem } from './problem.ts';

/** Answers a read of what is not there. */
export function sendAbsence(response: Response, status: 'unknown-aggregate' | 'missing' | 'deleted'): void {
  if (status === 'deleted') return sendProblem(response, 'deleted', { detail: 'it was deleted' });
  if (status === 'missing') {
    return sendProblem(response, 'not-found', { detail: 'there is nothing of this id' });
  }
  sendProblem(response, 'unknown-aggregate', { detail: 'there is no such aggregate type' });
}
