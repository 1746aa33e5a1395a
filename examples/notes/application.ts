import type { Application } from '@weft/server';
import { note } from './note.ts';

/** What the server serves: the definitions that it holds, and the built page. */
export const application: Application = { aggregates: [note], page: new URL('./dist/', import.meta.url) };
