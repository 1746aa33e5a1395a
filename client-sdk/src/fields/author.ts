import type { ClientContext } from '../clientContext.ts';
import { Actions, type ActionsOptions } from './actions.ts';
import type { Conflicts } from './conflicts.ts';
import { Resolutions, type ResolutionsOptions } from './resolutions.ts';
import { Writer, type WriterOptions } from './writer.ts';

export type AuthorOptions = Pick<WriterOptions, 'definition' | 'id' | 'submit' | 'state'> &
  Pick<ActionsOptions, 'texts' | 'onChange'> &
  Pick<ResolutionsOptions, 'giveUp' | 'unanswered'> & {
    readonly context: ClientContext;
    readonly conflicts: Conflicts;
  };

/** What a person may do to an aggregate: write, take it back, and decide about conflicts. */
export type Author = {
  readonly writer: Writer;
  readonly actions: Actions;
  readonly resolutions: Resolutions;
};

export function createAuthor(options: AuthorOptions): Author {
  const { definition, context } = options;
  const writer = new Writer(options);
  return {
    writer,
    actions: new Actions({ ...options, writer, clock: context.clock }),
    resolutions: new Resolutions({ ...options, writer, aggregate: definition.name }),
  };
}
