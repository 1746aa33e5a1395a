import type { CloseReason, TextKind } from '@weft/client/protocol';
import type { EventStore, StreamName } from '../../event-store/eventStore.ts';
import type { Clock } from '../../lifecycle/clock.ts';
import { LRUCache } from 'lru-cache';
import { createKeyedQueue } from '../../lifecycle/keyedQueue.ts';
import { clientsOf } from '../update/clientsOf.ts';
import { EMPTY_TEXT, loadText, loadTextOrEmpty } from '../stored/loadText.ts';
import type { Materialiser } from '../document/materialiser.ts';
import type { TextParticipant } from '../textParticipant.ts';
import type { TextBytes } from '../textReader.ts';
import { FIRST_EPOCH } from '../stored/textState.ts';
import { type Entered, editThroughRoom, type NotEntered, type RoomEditResult } from './editThroughRoom.ts';
import type { EditAuthor, EditOrder, MadeEdit } from './makeEdit.ts';
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
      // An edit that fails on its way leaves none: what becomes of it is not known, and so neither is the next clock.
      authors.delete(key);
      const { result, author } = await editText(services, text, { ...wanted, author: known });
      if (author) authors.set(key, author);
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

/** `author`: whom the next edit may continue. */
type Edited = { readonly result: TextEditResult; readonly author?: EditAuthor | undefined };

/** As often an edit of the newest text is made again because another epoch began meanwhile. */
const MAX_TRIES = 3;

async function editText(services: TextEditorServices, text: EditedText, wanted: ClientEdit): Promise<Edited> {
  for (let tries = 1; ; tries++) {
    const edited = await tryEdit(services, text, wanted);
    const isOvertaken = edited.result.outcome === 'forgotten' && wanted.options.base === 'newest';
    if (!isOvertaken || tries === MAX_TRIES) return edited;
  }
}

async function tryEdit(services: TextEditorServices, text: EditedText, wanted: ClientEdit): Promise<Edited> {
  const { stream, field, kind } = text;
  const { edit, options, client, author } = wanted;
  const newest = text.openBytes() ?? (await loadTextOrEmpty(services.store, stream));
  const { revision } = newest;
  if (revision !== undefined && hasContentOf(newest, client)) {
    return { result: { outcome: 'edited', revision, merged: true } };
  }
  const base = await findBase(services, stream, { newest, base: options.base });
  if (!base) return { result: { outcome: 'forgotten' }, author };
  const made = await services.materialiser.edit({ whole: base.update, field, kind, edit, client, author });
  switch (made.outcome) {
    case 'invalid':
      return { result: made, author };
    case 'made':
      return bring(services, text, { ...wanted, base, made });
    case 'unchanged':
      if (made.mark) return { result: await leaveMark(services, text, { ...wanted, base, mark: made.mark }) };
      return { result: { outcome: 'unchanged', revision }, author };
    // Only the newest may hold its client, and was looked at.
    case 'repeated':
      return { result: { outcome: 'unchanged', revision } };
  }
}

type Brought = ClientEdit & {
  readonly base: TextBytes;
  readonly made: Extract<MadeEdit, { readonly outcome: 'made' }>;
};

async function bring(
  { clock }: TextEditorServices,
  { enter }: EditedText,
  { base, made, client, author, options: { user } }: Brought,
): Promise<Edited> {
  const entered = await editThroughRoom({ clock, enter }, { update: made.update, user, base, client });
  const result = toResult(entered);
  if (entered.outcome === 'saved') return { result, author: made.author };
  // Nothing was sent.
  return { result, author: entered.outcome === 'unavailable' ? author : undefined };
}

type Marked = ClientEdit & { readonly base: TextBytes; readonly mark: Uint8Array };

/** Stores that an edit was made that changes nothing: of a newer text, the same might change something. */
async function leaveMark(
  { clock }: TextEditorServices,
  { enter }: EditedText,
  { base, mark, client, options: { user } }: Marked,
): Promise<TextEditResult> {
  const entered = await editThroughRoom({ clock, enter }, { update: mark, user, base, client });
  const isUnchanged = entered.outcome === 'saved' && entered.isAlone;
  return isUnchanged ? { outcome: 'unchanged', revision: entered.revision } : toResult(entered);
}

function hasContentOf({ update }: TextBytes, client: number | undefined): boolean {
  return client !== undefined && new Set(clientsOf(update)).has(client);
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
  if (base === undefined) return newest.epoch === FIRST_EPOCH ? EMPTY_TEXT : undefined;
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
