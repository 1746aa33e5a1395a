import type { User } from '@weft/client/protocol';
import type { EventStore, Revision } from '../../event-store/eventStore.ts';
import { toAggregateId, toCategory } from '../../event-store/streamName.ts';
import type { Clock } from '../../lifecycle/clock.ts';
import type { Logger } from '../../lifecycle/logger.ts';
import type { EditedText } from '../room/editReport.ts';
import type { TextAddress } from '../textParticipant.ts';
import type { TextRooms } from '../textRooms.ts';
import { AutomaticVersions, DEFAULT_VERSION_SPACING, type VersionSpacing } from './automaticVersions.ts';
import type { TextRun } from './compareTexts.ts';
import { createTextComparer } from './textComparer.ts';
import { isEqualContent, type VersionContent } from './versionContent.ts';
import type { VersionHeader, VersionKind } from './versionEvents.ts';
import type { PlacedHeader } from './versionShelf.ts';
import { createVersionStore } from './versionStore.ts';
import { toTextStream } from '../toTextStream.ts';

export type ListOptions = {
  /** Default: both. */
  readonly kind?: VersionKind | undefined;
  /** Goes on behind a page, by its `next`. Default: from the newest. */
  readonly before?: bigint | undefined;
  readonly limit: number;
};

export type VersionPage = {
  /** Newest first. */
  readonly versions: readonly VersionHeader[];
  /** Undefined at the end. */
  readonly next: bigint | undefined;
};

export type TakeResult =
  | { readonly outcome: 'taken'; readonly version: VersionHeader }
  /** There are as many named versions as there may be. */
  | { readonly outcome: 'full'; readonly limit: number }
  /** The key was used for another name. */
  | { readonly outcome: 'key-reused' };

export type CompareResult =
  | { readonly outcome: 'compared'; readonly changed: boolean; readonly runs: readonly TextRun[] }
  | { readonly outcome: 'missing' }
  /** Too many comparisons wait. */
  | { readonly outcome: 'overloaded' };

export type RestoreResult =
  | {
      readonly outcome: 'edited' | 'unchanged';
      /** The version that holds the text of before. */
      readonly before: string;
      /** Of the text as it is now. */
      readonly revision: Revision | undefined;
    }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'invalid' | 'unavailable'; readonly detail: string };

/** What rooms tell. The first two are synchronous and never throw. */
export type VersionHooks = {
  /** Something was stored that these people typed. */
  readonly onEdited: (text: EditedText, users: readonly User[]) => void;
  /** The last one left. */
  readonly onLeft: (text: EditedText) => void;
  /** The text begins a new epoch. Resolves when its versions are forgotten; rejects where the store fails. */
  readonly onErased: (text: EditedText) => Promise<void>;
};

/**
 * Versions of texts: kept under a name, or automatically. The caller has checked that the aggregate is there and has
 * such a text field. Everything rejects where the store fails.
 */
export type TextVersions = {
  /** Takes a version. Durable when it resolves. */
  take(
    address: TextAddress,
    version: { readonly name: string; readonly user: User; readonly key?: string | undefined },
  ): Promise<TakeResult>;
  list(address: TextAddress, options: ListOptions): Promise<VersionPage>;
  /** Undefined where there is no such version, or no longer. */
  read(address: TextAddress, id: string): Promise<(VersionHeader & VersionContent) | undefined>;
  /** What leads from a version's plain text to that of now. */
  compare(address: TextAddress, id: string): Promise<CompareResult>;
  /** Edits the text so that it is as it was; the text of before is kept as a version first. */
  restore(address: TextAddress, id: string, user: User): Promise<RestoreResult>;
  readonly hooks: VersionHooks;
  /** Takes no further automatic version, and waits for those under way, for up to ten seconds. Idempotent. */
  close(): Promise<void>;
};

export type TextVersionsOptions = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Makes ids of events and versions: UUIDs. */
  readonly createId: () => string;
  /** Where texts are read and edited. */
  readonly texts: Pick<TextRooms, 'read' | 'readContent' | 'edit'>;
  /** Default: every ten minutes, and when the last one leaves but not more than once a minute. */
  readonly spacing?: VersionSpacing | undefined;
  /** Named versions that a text may have. Default: 1,000. */
  readonly maxNamed?: number | undefined;
};

const MAX_NAMED = 1_000;
const MAX_AUTOMATIC = 50;

/** How often a restore begins anew because what it was based on is not kept any more. */
const RESTORE_ATTEMPTS = 3;

/** Whoever creates them closes them, before the rooms and the store. */
export function createTextVersions(options: TextVersionsOptions): TextVersions {
  const { clock, logger, texts, spacing = DEFAULT_VERSION_SPACING, maxNamed = MAX_NAMED } = options;
  const kept = createVersionStore({ ...options, maxNamed, maxAutomatic: MAX_AUTOMATIC });
  const comparer = createTextComparer({ clock });
  const automatic = new AutomaticVersions({
    clock,
    logger,
    spacing,
    take: async (text, typed) => {
      await kept.keepNow(toAddress(text), typed);
    },
  });

  const take: TextVersions['take'] = async (address, { name, user, key }) => {
    const taken = await kept.keepNamed(address, { name, user, key });
    if (taken === 'full') return { outcome: 'full', limit: maxNamed };
    return taken === 'key-reused' ? { outcome: taken } : { outcome: 'taken', version: toHeader(taken) };
  };

  const list: TextVersions['list'] = async (address, { kind, before, limit }) => {
    const all = await kept.list(address, kind ? [kind] : ['named', 'automatic']);
    const behind = before === undefined ? all : all.filter(({ position }) => position < before);
    const page = behind.slice(0, limit);
    const next = page.length < behind.length ? page.at(-1)?.position : undefined;
    return { versions: page.map(toHeader), next };
  };

  const read: TextVersions['read'] = async (address, id) => {
    const header = await kept.find(address, id);
    const content = header && (await kept.readContent(address, header));
    return content && { ...toHeader(header), ...content };
  };

  const compare: TextVersions['compare'] = async (address, id) => {
    const version = await read(address, id);
    if (!version) return { outcome: 'missing' };
    const now = await texts.readContent(address);
    const runs = await comparer.compare({ older: version.text, newer: now.text });
    if (!runs) return { outcome: 'overloaded' };
    // Formatting, say, may differ where the plain text does not.
    return { outcome: 'compared', changed: !isEqualContent(version, now), runs };
  };

  const restore: TextVersions['restore'] = async (address, id, user) => {
    for (let attempt = 0; attempt < RESTORE_ATTEMPTS; attempt++) {
      const header = await kept.find(address, id);
      const version = header && (await kept.readContent(address, header));
      if (!version) return { outcome: 'missing' };
      const typed = automatic.takeTyped(toTextStream(address));
      const { now, version: before } = await kept.keepNow(address, typed.length > 0 ? typed : [user]);
      // Erased since the version was read, which is to be forgotten with it.
      if (now.epoch !== header.epoch) continue;
      // From the text that is kept: what is typed from now on is not in it, so it has to stay.
      const { content } = version;
      const edited = await texts.edit(address, { kind: 'content', content }, { base: now.revision, user });
      if (edited.outcome === 'invalid' || edited.outcome === 'unavailable') return edited;
      if (edited.outcome !== 'forgotten') {
        return { outcome: edited.outcome, before: before.id, revision: edited.revision };
      }
    }
    return { outcome: 'unavailable', detail: 'the text changes too fast; try again' };
  };

  return {
    take,
    list,
    read,
    compare,
    restore,
    hooks: {
      onEdited: (text, users) => automatic.edited(text, users),
      onLeft: (text) => automatic.left(text),
      onErased: (text) => {
        automatic.forget(text.stream);
        return kept.forget(toAddress(text));
      },
    },
    close: async () => {
      await automatic.close();
      await comparer.close();
    },
  };
}

function toHeader({
  content: _content,
  digest: _digest,
  epoch: _epoch,
  position: _position,
  ...header
}: PlacedHeader): VersionHeader {
  return header;
}

function toAddress({ stream, field }: EditedText): TextAddress {
  const aggregate = toCategory(stream).slice(0, -(field.length + 1));
  return { aggregate, field, id: toAggregateId(stream) };
}
