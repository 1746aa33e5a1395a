import { hash } from 'node:crypto';
import type { Response } from 'express';
import type { TextStamp } from '../text/textReader.ts';
import { acceptedForm } from './acceptedForm.ts';
import { sendIfNotModified } from './entityTag.ts';
import { EPOCH_HEADER, type TextExchange, type TextRoutesOptions } from './textExchange.ts';
import { toTextTag } from './textTags.ts';

/** The whole of a text as one Yjs update, in the first encoding. */
export const YJS_UPDATE = 'application/vnd.yjs.update';

const FORMS = ['text/plain', 'application/json', YJS_UPDATE] as const;

type Form = (typeof FORMS)[number];

type Send = (rooms: TextRoutesOptions['rooms'], exchange: TextExchange) => Promise<void>;

/** Answers with a text, in the form that the request accepts best; in plain text where it accepts none of them. */
export async function sendText({ rooms }: TextRoutesOptions, exchange: TextExchange): Promise<void> {
  const { request, response } = exchange;
  response.vary('Accept');
  await SENDERS[acceptedForm(request, FORMS) ?? 'text/plain'](rooms, exchange);
}

const SENDERS: Readonly<Record<Form, Send>> = {
  'text/plain': async (rooms, { request, response, at }) => {
    const { text, ...stamp } = await rooms.read(at);
    nameEpoch(response, stamp);
    if (sendIfNotModified(request, response, toTextTag(stamp.revision))) return;
    response.type('text/plain').send(text);
  },
  'application/json': async (rooms, { request, response, at }) => {
    const { content, length, revision, epoch } = await rooms.readContent(at);
    nameEpoch(response, { revision, epoch });
    if (sendIfNotModified(request, response, toTextTag(revision, 'json'))) return;
    response.json({ content, length, revision: revision?.toString() ?? null, epoch });
  },
  [YJS_UPDATE]: async (rooms, { request, response, at }) => {
    const { update, ...stamp } = await rooms.exportState(at);
    nameEpoch(response, stamp);
    // One text has many encodings.
    const form = hash('sha256', update, 'base64url').slice(0, 22);
    if (sendIfNotModified(request, response, toTextTag(stamp.revision, form))) return;
    response.type(YJS_UPDATE).send(Buffer.from(update));
  },
};

function nameEpoch(response: Response, { epoch }: TextStamp): void {
  response.set(EPOCH_HEADER, epoch);
}
