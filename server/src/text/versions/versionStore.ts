import type { User } from '@weft/client/protocol';
import type { EventStore, StreamName } from '../../event-store/eventStore.ts';
import type { Clock } from '../../lifecycle/clock.ts';
import { createKeyedQueue } from '../../lifecycle/keyedQueue.ts';
import { toUuid } from '../../lifecycle/toUuid.ts';
import type { TextAddress } from '../textParticipant.ts';
import type { StoredContent } from '../textReader.ts';
import type { TextRooms } from '../textRooms.ts';
import { type EncodedContent, encodeContent, type VersionContent } from './versionContent.ts';
import type { VersionKind } from './versionEvents.ts';
import { createVersionShelf, type PlacedHeader } from './versionShelf.ts';
import { toTextStream } from '../toTextStream.ts';
import { SERVER_USER } from '../stored/textEvents.ts';

/** A version to be taken under a name. */
export type NamedVersion = {
  readonly name: string;
  readonly user: User;
  /** Repeats of one person under one key take one version. */
  readonly key: string | undefined;
};

/** A text as it is now, and the version that holds it. */
export type KeptText = { readonly now: StoredContent; readonly version: PlacedHeader };

/** The versions of all texts. Everything rejects where the store fails. */
export type VersionStore = {
  /** `full`: there are as many as there may be. */
  keepNamed(address: TextAddress, version: NamedVersion): Promise<PlacedHeader | 'full' | 'key-reused'>;
  /** Takes an automatic version, unless the newest version holds the text as it is. `by` whom the text became so. */
  keepNow(address: TextAddress, by: readonly User[]): Promise<KeptText>;
  /** Newest first. */
  list(address: TextAddress, kinds: readonly VersionKind[]): Promise<readonly PlacedHeader[]>;
  find(address: TextAddress, id: string): Promise<PlacedHeader | undefined>;
  readContent(address: TextAddress, header: PlacedHeader): Promise<VersionContent | undefined>;
  /** Forgets all versions of a text: those being taken too. */
  forget(address: TextAddress): Promise<void>;
};

export type VersionStoreOptions = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly createId: () => string;
  readonly texts: Pick<TextRooms, 'read' | 'readContent'>;
  readonly maxNamed: number;
  readonly maxAutomatic: number;
};

const KINDS = ['named', 'automatic'] as const;

type KeepRequest = {
  readonly address: TextAddress;
  readonly kind: VersionKind;
  readonly now: StoredContent;
  readonly id: string;
  readonly name: string | undefined;
  readonly by: readonly User[];
  readonly user: User;
  readonly encoded: EncodedContent;
};

export function createVersionStore(options: VersionStoreOptions): VersionStore {
  const { store, clock, createId, texts, maxNamed, maxAutomatic } = options;
  const shelves = {
    named: createVersionShelf({ store, createId, kind: 'named' }),
    automatic: createVersionShelf({ store, createId, kind: 'automatic' }),
  };
  // Of what is taken, and within it of what is written. Forgetting waits for the second alone: reading a text may have
  // to wait until it is erased, and that waits for its versions to be forgotten.
  const takes = createKeyedQueue<StreamName>();
  const writes = createKeyedQueue<StreamName>();
  let forgotten = 0;

  function withText<Result>(
    address: TextAddress,
    write: (now: StoredContent) => Promise<Result>,
  ): Promise<Result> {
    return takes.run(toTextStream(address), () => readAndWrite(address, write));
  }

  /** What was read before versions were forgotten is read again. */
  async function readAndWrite<Result>(
    address: TextAddress,
    write: (now: StoredContent) => Promise<Result>,
  ): Promise<Result> {
    for (;;) {
      const forgottenBefore = forgotten;
      const now = await texts.readContent(address);
      const written = await writes.run(toTextStream(address), async () => {
        if (forgotten !== forgottenBefore) return undefined;
        await forgetOtherEpochs(address, now.epoch);
        return { result: await write(now) };
      });
      if (written) return written.result;
    }
  }

  function keep({ address, kind, now, encoded, ...version }: KeepRequest): Promise<PlacedHeader> {
    const { length, revision, epoch } = now;
    const at = new Date(clock.now()).toISOString();
    return shelves[kind].keep(address, { ...version, at, length, revision, epoch, encoded });
  }

  const keepNamed: VersionStore['keepNamed'] = (address, { name, user, key }) =>
    withText(address, async (now) => {
      const id = key === undefined ? createId() : toUuid(`${toTextStream(address)}\0${user.id}\0${key}`);
      const repeated = key === undefined ? undefined : await shelves.named.find(address, id);
      if (repeated) return repeated.name === name ? repeated : 'key-reused';
      if ((await shelves.named.list(address)).length >= maxNamed) return 'full';
      const encoded = encodeContent(now);
      return keep({ address, kind: 'named', now, id, name, by: [user], user, encoded });
    });

  const keepNow: VersionStore['keepNow'] = (address, by) =>
    withText(address, async (now) => {
      const newest = await findNewest(address);
      if (newest && newest.revision === now.revision) return { now, version: newest };
      const encoded = encodeContent(now);
      if (newest?.digest === encoded.digest) return { now, version: newest };
      const user = SERVER_USER;
      const version = await keep({
        address,
        kind: 'automatic',
        now,
        id: createId(),
        name: undefined,
        by,
        user,
        encoded,
      });
      await shelves.automatic.leaveNewest(address, maxAutomatic);
      return { now, version };
    });

  async function findNewest(address: TextAddress): Promise<PlacedHeader | undefined> {
    const newest = await Promise.all(KINDS.map((kind) => shelves[kind].newest(address)));
    return sortNewestFirst(newest.filter((header) => header !== undefined))[0];
  }

  /**
   * What a crash kept from being forgotten. On a shelf, versions of another epoch are older than those of this one, and
   * none is kept beside them.
   */
  async function forgetOtherEpochs(address: TextAddress, epoch: string): Promise<void> {
    for (const shelf of Object.values(shelves)) {
      const newest = await shelf.newest(address);
      if (newest && newest.epoch !== epoch) await shelf.leaveNewest(address, 0);
    }
  }

  const list: VersionStore['list'] = async (address, kinds) => {
    const { epoch } = await texts.read(address);
    const listed = (await Promise.all(kinds.map((kind) => shelves[kind].list(address)))).flat();
    const own = listed.filter((header) => header.epoch === epoch);
    if (own.length < listed.length) await withText(address, async () => undefined);
    return sortNewestFirst(own);
  };

  const find: VersionStore['find'] = async (address, id) => {
    const { epoch } = await texts.read(address);
    const found = (await shelves.named.find(address, id)) ?? (await shelves.automatic.find(address, id));
    return found?.epoch === epoch ? found : undefined;
  };

  return {
    keepNamed,
    keepNow,
    list,
    find,
    readContent: (address, header) => shelves[header.kind].readContent(address, header),
    forget: (address) => {
      forgotten++;
      return writes.run(toTextStream(address), async () => {
        for (const shelf of Object.values(shelves)) await shelf.leaveNewest(address, 0);
      });
    },
  };
}

function sortNewestFirst(headers: readonly PlacedHeader[]): readonly PlacedHeader[] {
  return headers.toSorted((one, other) => (one.position > other.position ? -1 : 1));
}
