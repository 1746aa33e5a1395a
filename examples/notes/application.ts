import { note } from './note.ts';

/** What the server serves: the definitions that it holds, and the built page. */
export const application = { aggregates: [note], page: new URL('./dist/', import.meta.url) };
