import { applyEvent, decideCommand } from '../../protocol/decideCommand.ts';
import type { FieldConflict } from '../../protocol/fieldConflict.ts';
import { isEqual } from '../../protocol/isEqual.ts';
import { decodeUp } from '../../protocol/messages/decodeUp.ts';
import type { Down } from '../../protocol/messages/down.ts';
import type { Up } from '../../protocol/messages/up.ts';
import type { CommandOutcome, FieldValues } from '../../protocol/outcome.ts';
import { validateFields } from '../../protocol/validateFields.ts';
import { AT, toToken } from './createTestClient.ts';
import { BOB, FakeSocket } from './fakeServer.ts';
import { newerNote } from './noteDefinition.ts';

type UpCommand = Extract<Up, { type: 'command' }>;
type Invocation = Extract<UpCommand['command'], { kind: 'invoke' }>;
type Change = Extract<UpCommand['command'], { kind: 'change' }>;
type Event = { readonly key: string; readonly fields: FieldValues };
type Step = () => void;

/** A value that a command put in the place of others. */
export type Overwrite = {
  readonly field: string;
  readonly value: unknown;
  /** What was there before, newest first: what the same person wrote, and the one beneath that is somebody else's. */
  readonly history: readonly unknown[];
};

/** What is under way between one client and the server: each list in order, the lists in any order. */
type Link = {
  readonly socket: FakeSocket;
  readonly up: string[];
  readonly down: Down[];
  /** Who is at the other end: the token that they gave. */
  person: string;
  /** Numbered, so that a subscription that was replaced says nothing more. */
  subscription: { readonly number: number; next?: number };
  isAlive: boolean;
};

/**
 * One note, served as the real server serves it, with everything that may happen in another order happening in
 * another order: a test does one random step after the other.
 */
export class ModelServer {
  readonly #links: Link[] = [];
  readonly #events: Event[] = [];
  readonly #answers = new Map<string, CommandOutcome>();
  /** The fields by revision: each event leads to the next. */
  readonly #states: FieldValues[];
  readonly #histories = new Map<string, { readonly person: string; readonly history: readonly unknown[] }>();
  readonly overwrites: Overwrite[] = [];
  #tasks: { readonly run: Step }[] = [];
  repeats = 0;

  constructor(fields: FieldValues) {
    this.#states = [fields];
  }

  get fields(): FieldValues {
    return this.#states.at(-1) ?? {};
  }

  get token(): string {
    return `t${this.#events.length}`;
  }

  /** One for each command that was applied: its events follow each other. */
  get appliedKeys(): string[] {
    return this.#events.map(({ key }) => key).filter((key, index, keys) => key !== keys[index - 1]);
  }

  createSocket = (url: string): FakeSocket => {
    const link: Link = {
      socket: new FakeSocket(url),
      up: [],
      down: [],
      person: '',
      subscription: { number: 0 },
      isAlive: true,
    };
    this.#links.push(link);
    link.socket.send = (data) => {
      if (typeof data !== 'string') throw new TypeError('this server has no texts');
      if (link.isAlive) link.up.push(data);
    };
    link.socket.close = () => {
      link.isAlive = false;
    };
    this.#tasks.push({ run: () => link.isAlive && link.socket.open() });
    return link.socket;
  };

  /** Everything that could happen next. */
  get steps(): Step[] {
    const live = this.#links.filter(({ isAlive }) => isAlive);
    return [
      ...this.#tasks.map((task) => () => {
        this.#tasks = this.#tasks.filter((other) => other !== task);
        task.run();
      }),
      ...live.filter(({ up }) => up.length > 0).map((link) => () => this.#receive(link)),
      ...live
        .filter(({ down }) => down.length > 0)
        .map((link) => () => link.socket.deliver(JSON.stringify(link.down.shift()))),
      ...live
        .filter(({ subscription: { next = Infinity } }) => next < this.#events.length)
        .map((link) => () => this.#feed(link)),
    ];
  }

  /** Cuts every link; commands that arrived are still carried out. */
  cut(socket: FakeSocket): void {
    const link = this.#links.find((candidate) => candidate.socket === socket);
    if (!link?.isAlive) return;
    link.isAlive = false;
    link.socket.lose(1006, 'cut');
  }

  #receive(link: Link): void {
    const decoded = decodeUp(JSON.parse(link.up.shift() ?? ''));
    if (!decoded.ok) throw new Error(decoded.error);
    const message = decoded.value;
    switch (message.type) {
      case 'hello':
        link.person = message.token ?? '';
        return this.#answer(link, { type: 'welcome', protocolVersion: 1, sessionId: 's', user: BOB });
      case 'subscribe':
        return this.#subscribe(link, message.after);
      case 'unsubscribe':
        link.subscription = { number: link.subscription.number + 1 };
        return;
      case 'command':
        this.#tasks.push({ run: () => this.#execute(link, message) });
        return;
      case 'ping':
        return this.#answer(link, { type: 'pong' });
      case 'subscribe-list':
      case 'unsubscribe-list':
      case 'open-text':
      case 'close-text':
      case 'renew':
        throw new Error(`this server has no ${message.type}`);
    }
  }

  #answer(link: Link, message: Down): void {
    if (link.isAlive) link.down.push(message);
  }

  /** The state is read some time after the question, and followed from there. */
  #subscribe(link: Link, after: string | undefined): void {
    const number = link.subscription.number + 1;
    link.subscription = { number };
    const read = () => {
      if (link.subscription.number !== number) return;
      const token = toToken(this.token);
      const state =
        after === this.token
          ? ({ status: 'unchanged', token } as const)
          : ({ status: 'existing', fields: { ...this.fields }, token } as const);
      link.subscription = { number, next: this.#events.length };
      this.#answer(link, { type: 'state', aggregate: 'note', id: 'n1', state });
    };
    this.#tasks.push({ run: read });
  }

  #feed(link: Link): void {
    const { number, next = 0 } = link.subscription;
    const event = this.#events[next];
    if (!event) return;
    link.subscription = { number, next: next + 1 };
    this.#answer(link, {
      type: 'changed',
      aggregate: 'note',
      id: 'n1',
      change: { kind: 'changed', fields: event.fields },
      token: toToken(`t${next + 1}`),
      by: BOB,
      at: AT,
      key: event.key,
    });
  }

  #execute(link: Link, { key, command }: UpCommand): void {
    const kept = this.#answers.get(key);
    if (kept) this.repeats++;
    const before = this.fields;
    const outcome = kept ?? this.#decide(key, command);
    if (before !== this.fields) {
      this.#answers.set(key, outcome);
      this.#noteOverwrites(before, link.person);
    }
    // What follows the aggregate may be told of its events first.
    this.#tasks.push({ run: () => this.#answer(link, { type: 'outcome', key, outcome }) });
  }

  #noteOverwrites(before: FieldValues, person: string): void {
    for (const field of this.#listChangedSince(before)) {
      const newest = this.#histories.get(field);
      const history = [before[field], ...(newest?.person === person ? newest.history : [])];
      this.overwrites.push({ field, value: this.fields[field], history });
      this.#histories.set(field, { person, history });
    }
  }

  #decide(key: string, command: UpCommand['command']): CommandOutcome {
    if (command.kind === 'change') return this.#change(key, command);
    if (command.kind === 'invoke') return this.#invoke(key, command);
    throw new Error(`this server knows no ${command.kind}`);
  }

  #invoke(key: string, asked: Invocation): CommandOutcome {
    const before = this.fields;
    const command = newerNote.commands[asked.name];
    const context = { id: 'n1', user: BOB, at: `${AT} ${this.#events.length}` };
    const given = { fields: before, input: asked.input, context };
    const decided = command && decideCommand(newerNote, command, given);
    if (!decided || 'refused' in decided) throw new Error(`this server cannot decide ${asked.name}`);
    const wants = Object.fromEntries(
      Object.entries(decided.fields).filter(([field, want]) => !isEqual(want, before[field])),
    );
    const conflicts = this.#listConflicts(new Set([...Object.keys(wants), ...command.reads]), {
      seen: this.#seenOf(asked),
      wants,
    });
    if (conflicts.length > 0) return { outcome: 'conflict', conflicts, token: toToken(this.token) };
    for (const event of decided.events) this.#append(key, applyEvent(newerNote, this.fields, event));
    return this.#accept(before);
  }

  #change(key: string, { patch, ...guard }: Change): CommandOutcome {
    const before = this.fields;
    const seen = this.#seenOf(guard);
    const { values, issues } = validateFields(newerNote, patch);
    if (issues.length > 0) throw new Error('the client sent what it should have refused');
    const wants = Object.fromEntries(
      Object.entries(values).filter(
        ([field, want]) => !isEqual(want, before[field]) && !isEqual(want, seen[field]),
      ),
    );
    const conflicts = this.#listConflicts(Object.keys(wants), { seen, wants });
    if (conflicts.length > 0) return { outcome: 'conflict', conflicts, token: toToken(this.token) };
    if (Object.keys(wants).length > 0) this.#append(key, wants);
    return this.#accept(before);
  }

  /** What the writer saw, as far as it said. */
  #seenOf({ token, seen }: Pick<Change, 'token' | 'seen'>): FieldValues {
    return { ...(token !== undefined && this.#states[Number(token.slice(1))]), ...seen };
  }

  #listConflicts(
    names: Iterable<string>,
    { seen, wants }: { readonly seen: FieldValues; readonly wants: FieldValues },
  ): FieldConflict[] {
    return [...names]
      .filter((field) => Object.hasOwn(seen, field) && !isEqual(seen[field], this.fields[field]))
      .map((field) => ({
        field,
        was: seen[field],
        is: this.fields[field],
        want: wants[field],
        by: BOB,
        at: AT,
      }));
  }

  #append(key: string, fields: FieldValues): void {
    this.#states.push({ ...this.fields, ...fields });
    this.#events.push({ key, fields });
  }

  #accept(before: FieldValues): CommandOutcome {
    const changed = this.#listChangedSince(before);
    return { outcome: 'accepted', changed, fields: this.fields, token: toToken(this.token) };
  }

  #listChangedSince(before: FieldValues): string[] {
    return Object.keys(this.fields).filter((field) => !isEqual(this.fields[field], before[field]));
  }
}
