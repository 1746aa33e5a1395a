import type { Request } from 'express';

// Of a media type's parameters `q` alone has to do with negotiation; a value may be quoted, with anything in it.
const OTHER_PARAMETER = /;\s*(?!q\s*=)[^\s;,="]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*)/gi;

/**
 * The media type that a request accepts best, whatever their parameters; undefined where it accepts none. No form has
 * parameters by which one could choose.
 */
export function acceptedForm<Form extends string>(
  request: Request,
  forms: readonly Form[],
): Form | undefined {
  const { accept } = request.headers;
  // Express negotiates by the request's own headers.
  if (accept !== undefined) request.headers.accept = accept.replace(OTHER_PARAMETER, '');
  const accepted = request.accepts([...forms]);
  return forms.find((form) => form === accepted);
}
