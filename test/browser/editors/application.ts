import type { Application } from '@weft/server';
import { documentDefinition } from './documentDefinition.ts';

/** What the server serves to the editors' page; the page itself comes from the test. */
export const application: Application = { aggregates: [documentDefinition] };
