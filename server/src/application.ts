import type { AggregateDefinition } from '@weft/client/protocol';

/** What an application gives the server: its aggregate types and, if it has one, its built page. */
export type Application = {
  readonly aggregates: readonly AggregateDefinition[];
  /** A folder with an `index.html`, served at `/`; its URL ends with a slash. Default: none. */
  readonly page?: URL | undefined;
};
