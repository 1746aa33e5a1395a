import type { CloseReason, TextKind } from '@weft/client/protocol';
import type { EventStore, StreamName } from '../../event-store/eventStore.ts';
import type { Clock } from '../../lifecycle/clock.ts';
import { LRUCache } from 'lru-cache';
import { createKeyedQueue } from '../../lifecycle/keyedQueue.ts';
import { clientsOf } from '../update/clientsOf.ts';
import { loadText } from '../stored/loadText.ts';
import type { Materialiser } from '../document/materialiser.ts';
import { EMPTY_UPDATE } from '../update/mergeUpdates.ts';
import type { TextParticipant } from '../textParticipant.ts';
import type { TextBytes } from '../textReader.ts';
import { FIRST_EPOCH } from '../stored/textState.ts';
import { type Entered, editThroughRoom, type NotEntered, type RoomEditResult } from './editThroughRoom.ts';
import type { EditAuthor, EditOrder } from './makeEdit.ts';
import type { EditBase, EditOptions, TextEdit, TextEditResult } from './textEdit.ts';
import { toEditClient } from './toEditClient.ts';

/** The text that is edited. */
export type EditedText = {
  readonly stream: StreamName;
  /** The root type's name. */
  readonly field: string;
  readonly kind: TextKind;
  /** Its bytes where it is open. */
  openBytes(): TextBytes | undefined;
  /** Lets a participant into its room. */
  enter(participant: TextParticipant): Promise<Entered | NotEntered>;
};

export type TextEditorServices = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly materialiser: Materialiser;
};

export type WantedEdit = { readonly edit: TextEdit; readonly options: EditOptions };

export type TextEditor = {
  /**
   * Edits a text as a client would that was offline since the base: what others did meanwhile stays. Durable when it
   * resolves. Rejects where the store fails or the text is damaged.
   */
  edit(text: EditedText, wanted: WantedEdit): Promise<TextEditResult>;
};

/** Whoever edits a text again continues under the same client id: each takes its place in the text for good. */
const MAX_AUTHORS = 10_000;

export function createTextEditor(services: TextEditorServices): TextEditor {
  /** Those with a key, by their client: made of another base meanwhile, a repeat would be another edit. */
  const underWay = new Map<number, Promise<TextEditResult>>();
  /** By text and person, whose edits are made one after the other. */
  const authors = new LRUCache<string, EditAuthor>({ max: MAX_AUTHORS });
  const queue = createKeyedQueue<string>();

  async function editAsAuthor(text: EditedText, wanted: WantedEdit): Promise<TextEditResult> {
    const key = JSON.stringify([text.stream, wanted.options.user.id]);
    return queue.run(key, async () => {
      const known = authors.get(key);
      // What becomes of an edit that fails is not known, and so neither is the clock that comes next.
      authors.delete(key);
      const { result, author } = await editText(services, text, { ...wanted, author: known });
      const next = author ?? (result.outcome === 'unavailable' ? undefined : known);
      if (next) authors.set(key, next);
      return result;
    });
  }

  return {
    edit: async (text, wanted) => {
      const client = toEditClient(text.stream, wanted.edit, wanted.options);
      if (client === undefined) return editAsAuthor(text, wanted);
      const running = underWay.get(client);
      if (running) return running;
      const edited = editText(services, text, { ...wanted, client }).then(({ result }) => result);
      underWay.set(client, edited);
      try {
        return await edited;
      } finally {
        underWay.delete(client);
      }
    },
  };
}

type ClientEdit = WantedEdit & Pick<EditOrder, 'client' | 'author'>;

/** `author` where the edit was made under it. */
type Edited = { readonly result: TextEditResult; readonly author?: EditAuthor };

async function editText(
  services: TextEditorServices,
  text: EditedText,
  { edit, options, client, author }: ClientEdit,
): Promise<Edited> {
  const { stream, field, kind } = text;
  const newest = text.openBytes() ?? (await loadNewest(services, stream));
  const { revision } = newest;
  if (client !== undefined && revision !== undefined && hasContentOf(newest, client)) {
    return { result: { outcome: 'edited', revision, merged: true } };
  }
  const base = await findBase(services, stream, { newest, base: options.base });
  if (!base) return { result: { outcome: 'forgotten' } };
  const made = await services.materialiser.edit({ whole: base.update, field, kind, edit, client, author });
  if (made.outcome === 'invalid') return { result: made };
  // Only the newest may hold its client, and was looked at.
  if (made.outcome === 'repeated' || made.updates.length === 0) {
    return { result: { outcome: 'unchanged', revision } };
  }
  const { clock } = services;
  const { enter } = text;
  const { updates } = made;
  const entered = await editThroughRoom({ clock, enter }, { updates, user: options.user, base });
  return { result: toResult(entered), ...(entered.outcome === 'saved' ? { author: made.author } : {}) };
}

async function loadNewest({ store }: TextEditorServices, stream: StreamName): Promise<TextBytes> {
  const loaded = await loadText(store, stream);
  return loaded.outcome === 'loaded' ? loaded.text : UNTOUCHED;
}

const UNTOUCHED: TextBytes = { update: EMPTY_UPDATE, revision: undefined, epoch: FIRST_EPOCH };

function hasContentOf({ update }: TextBytes, client: number): boolean {
  return new Set(clientsOf(update)).has(client);
}

type WantedBase = { readonly newest: TextBytes; readonly base: EditBase };

/** Undefined where the text as of then cannot be had. */
async function findBase(
  { store }: TextEditorServices,
  stream: StreamName,
  { newest, base }: WantedBase,
): Promise<TextBytes | undefined> {
  if (base === 'newest' || base === newest.revision) return newest;
  if (newest.revision === undefined) return undefined;
  // The text that nobody touched is not kept, and need not be; that of a new epoch is another.
  if (base === undefined) return newest.epoch === FIRST_EPOCH ? UNTOUCHED : undefined;
  if (base > newest.revision) return undefined;
  const loaded = await loadText(store, stream, { until: base });
  return loaded.outcome === 'loaded' ? loaded.text : undefined;
}

function toResult(result: RoomEditResult): TextEditResult {
  switch (result.outcome) {
    case 'saved':
      return { outcome: 'edited', revision: result.revision, merged: !result.isAlone };
    case 'closed':
      return toRefusal(result);
    case 'unavailable':
      return result;
    case 'timed-out': {
      const detail =
        'it could not be stored in time, and may still be; repeat it with the same idempotency key';
      return { outcome: 'unavailable', detail };
    }
  }
}

/** Why a room does not take what an edit is made of, besides that it cannot now. */
const INVALID: ReadonlySet<CloseReason> = new Set(['too-big', 'invalid-message', 'forbidden']);

function toRefusal({
  reason,
  detail,
}: {
  readonly reason: CloseReason;
  readonly detail: string;
}): TextEditResult {
  if (reason === 'other-epoch') return { outcome: 'forgotten' };
  return { outcome: INVALID.has(reason) ? 'invalid' : 'unavailable', detail };
}
