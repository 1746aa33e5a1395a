import type { ExistingAggregate } from './aggregateState.ts';
import type { WriterView } from './decision.ts';
import type { SeenFields } from './judgeChange.ts';

/** The values that a writer saw, as far as they are known. */
export function seenOf(state: ExistingAggregate, view: WriterView): SeenFields {
  switch (view.kind) {
    case 'current':
      return state.fields;
    case 'older':
    case 'unguarded':
      return view.seen;
    case 'unknown':
      return undefined;
  }
}
