import { defineAggregate, richText, text } from '@weft/client/protocol';
import { z } from 'zod';

/** What the editors edit: a plain text, and a rich one. */
export const documentDefinition = defineAggregate('document', {
  fields: { title: z.string() },
  initial: { title: '' },
  text: { body: text(), page: richText() },
});
