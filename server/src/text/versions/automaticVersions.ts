import type { User } from '@weft/client/protocol';
import type { StreamName } from '../../event-store/eventStore.ts';
import type { Clock } from '../../lifecycle/clock.ts';
import type { Logger } from '../../lifecycle/logger.ts';
import type { EditedText } from '../room/editReport.ts';

/** When automatic versions are taken, in milliseconds. */
export type VersionSpacing = {
  /** From the first edit since the last one, of a text that is still open. */
  readonly edited: number;
  /** The least from one to that of when the last one left; and from one that failed to the next attempt. */
  readonly left: number;
};

export const DEFAULT_VERSION_SPACING: VersionSpacing = { edited: 10 * 60_000, left: 60_000 };

export type AutomaticVersionsOptions = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly spacing: VersionSpacing;
  /** Takes a version where the text differs from the newest. May reject. */
  readonly take: (text: EditedText, typed: readonly User[]) => Promise<void>;
};

/** What was typed in one text since its last automatic version. */
type Typing = {
  readonly text: EditedText;
  users: Map<string, User>;
  /** When the first of them typed. */
  since: number;
  takenAt: number;
  isLeft: boolean;
  isTaking: boolean;
  cancelTimer: () => void;
};

/** How many may be taken at once: a network that fails has everyone leave in one moment. */
const MAX_TAKING = 4;

/** People that are remembered of one text. */
const MAX_USERS = 100;

/** Texts that are remembered; beyond it the one that has been there longest is forgotten, and loses one version. */
const MAX_TEXTS = 20_000;

/** Milliseconds for which `close` waits for those under way. */
const CLOSE_TIMEOUT_MS = 10_000;

const nothing = () => undefined;

/**
 * Decides when automatic versions are due. A text is remembered from an edit until its version was taken and is old
 * enough for the next; so it is of no account how its room ends.
 */
export class AutomaticVersions {
  readonly #options: AutomaticVersionsOptions;
  readonly #typing = new Map<StreamName, Typing>();
  readonly #due = new Set<Typing>();
  readonly #running = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: AutomaticVersionsOptions) {
    this.#options = options;
  }

  /** Texts that are remembered. */
  get size(): number {
    return this.#typing.size;
  }

  edited(text: EditedText, users: readonly User[]): void {
    if (this.#isClosed) return;
    const typing = this.#typing.get(text.stream) ?? this.#remember(text);
    const isFirst = typing.users.size === 0;
    const wasLeft = typing.isLeft;
    typing.isLeft = false;
    for (const user of users) {
      if (typing.users.size < MAX_USERS || typing.users.has(user.id)) typing.users.set(user.id, user);
    }
    if (isFirst) typing.since = this.#options.clock.now();
    // Else its timer runs.
    if (isFirst || wasLeft) this.#settle(typing);
  }

  left({ stream }: EditedText): void {
    const typing = this.#typing.get(stream);
    if (!typing) return;
    typing.isLeft = true;
    this.#settle(typing);
  }

  /** Who typed since the last version, which the caller takes now. */
  takeTyped(stream: StreamName): readonly User[] {
    const typing = this.#typing.get(stream);
    if (!typing) return [];
    const users = this.#begin(typing);
    this.#settle(typing);
    return [...users.values()];
  }

  /** Forgets a text that is no more. */
  forget(stream: StreamName): void {
    const typing = this.#typing.get(stream);
    if (typing) this.#drop(typing);
  }

  /** Begins no further one, and waits for those under way, for a while. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const typing of [...this.#typing.values()]) this.#drop(typing);
    const { promise: isOver, resolve } = Promise.withResolvers<undefined>();
    const cancel = this.#options.clock.after(CLOSE_TIMEOUT_MS, () => resolve(undefined));
    await Promise.race([Promise.all(this.#running), isOver]);
    cancel();
  }

  #remember(text: EditedText): Typing {
    const [oldest] = this.#typing.values();
    if (oldest && this.#typing.size >= MAX_TEXTS) this.#drop(oldest);
    const typing: Typing = {
      text,
      users: new Map(),
      since: 0,
      takenAt: -Infinity,
      isLeft: false,
      isTaking: false,
      cancelTimer: nothing,
    };
    this.#typing.set(text.stream, typing);
    return typing;
  }

  #drop(typing: Typing): void {
    typing.cancelTimer();
    this.#due.delete(typing);
    if (this.#isRemembered(typing)) this.#typing.delete(typing.text.stream);
  }

  #isRemembered(typing: Typing): boolean {
    return this.#typing.get(typing.text.stream) === typing;
  }

  /** Does what is due of a text, or waits until it is. */
  #settle(typing: Typing): void {
    typing.cancelTimer();
    typing.cancelTimer = nothing;
    if (typing.isTaking || !this.#isRemembered(typing)) return;
    const rest = this.#dueAt(typing) - this.#options.clock.now();
    if (rest > 0) typing.cancelTimer = this.#options.clock.after(rest, () => this.#settle(typing));
    else if (typing.users.size > 0) this.#request(typing);
    else this.#drop(typing);
  }

  #dueAt({ users, isLeft, since, takenAt }: Typing): number {
    const { edited, left } = this.#options.spacing;
    return isLeft || users.size === 0 ? takenAt + left : since + edited;
  }

  #request(typing: Typing): void {
    this.#due.add(typing);
    this.#goOn();
  }

  #goOn(): void {
    for (const typing of this.#due) {
      if (this.#running.size >= MAX_TAKING) return;
      const running = this.#take(typing).finally(() => {
        this.#running.delete(running);
        this.#goOn();
      });
      this.#running.add(running);
    }
  }

  async #take(typing: Typing): Promise<void> {
    const { text } = typing;
    typing.isTaking = true;
    const users = this.#begin(typing);
    try {
      await this.#options.take(text, [...users.values()]);
    } catch (err) {
      this.#options.logger.warn({ err, stream: text.stream }, 'an automatic version could not be taken');
      this.#takeBack(typing, users);
    } finally {
      typing.isTaking = false;
      this.#settle(typing);
    }
  }

  /** Whoever typed until now, whose version is taken. */
  #begin(typing: Typing): ReadonlyMap<string, User> {
    const { users } = typing;
    typing.users = new Map();
    typing.takenAt = this.#options.clock.now();
    this.#due.delete(typing);
    return users;
  }

  /** Of a text that is still open it is tried again; the text itself is safe in any case. */
  #takeBack(typing: Typing, users: ReadonlyMap<string, User>): void {
    if (typing.isLeft) return;
    const { edited, left } = this.#options.spacing;
    typing.users = new Map([...users, ...typing.users]);
    typing.since = this.#options.clock.now() - edited + left;
  }
}
