import type { FieldConflict } from '../../protocol/fieldConflict.ts';
import { isEqual } from '../../protocol/isEqual.ts';
import { decodeUp } from '../../protocol/messages/decode.ts';
import type { Down } from '../../protocol/messages/down.ts';
import type { Up } from '../../protocol/messages/up.ts';
import type { CommandOutcome, FieldValues } from '../../protocol/outcome.ts';
import { AT, toToken } from './createTestClient.ts';
import { BOB, FakeSocket } from './fakeServer.ts';
import { note } from './noteDefinition.ts';

type UpCommand = Extract<Up, { type: 'command' }>;
type Invocation = Extract<UpCommand['command'], { kind: 'invoke' }>;
type Event = { readonly key: string; readonly fields: FieldValues };
type Step = () => void;

/** What is under way between one client and the server: each list in order, the lists in any order. */
type Link = {
  readonly socket: FakeSocket;
  readonly up: string[];
  readonly down: Down[];
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
  #tasks: { readonly run: Step }[] = [];
  #fields: FieldValues;
  repeats = 0;

  constructor(fields: FieldValues) {
    this.#fields = fields;
  }

  get fields(): FieldValues {
    return this.#fields;
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
          : ({ status: 'existing', fields: { ...this.#fields }, token } as const);
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
    const outcome = kept ?? this.#decide(key, command);
    if (outcome.outcome === 'accepted' && outcome.changed.length > 0) this.#answers.set(key, outcome);
    this.#answer(link, { type: 'outcome', key, outcome });
  }

  #decide(key: string, command: UpCommand['command']): CommandOutcome {
    if (command.kind === 'change') return this.#change(key, command.patch, command.seen ?? {});
    if (command.kind === 'invoke') return this.#invoke(key, command);
    throw new Error(`this server knows no ${command.kind}`);
  }

  #invoke(key: string, { name, input, seen = {} }: Invocation): CommandOutcome {
    const command = note.commands[name];
    const context = { id: 'n1', user: BOB, at: `${AT} ${this.#events.length}` };
    const decided = command?.decide(this.#fields, input, context);
    if (!command || !decided || 'refused' in decided) throw new Error(`this server cannot decide ${name}`);
    const steps = (decided.events ?? []).reduce<FieldValues[]>((before, { type, data }) => {
      const fields = { ...this.#fields, ...before.at(-1) };
      return [...before, { ...before.at(-1), ...note.events[type]?.evolve(fields, data) }];
    }, []);
    const wants = steps.at(-1) ?? {};
    const names = new Set([...Object.keys(wants), ...command.reads]);
    const conflicts = [...names]
      .map((field) => ({ field, was: seen[field], is: this.#fields[field], want: wants[field] }))
      .filter(({ was, is, want }) => was !== undefined && !isEqual(was, is) && !isEqual(want, is))
      .map((conflict) => ({ ...conflict, by: BOB, at: AT }));
    if (conflicts.length > 0) return { outcome: 'conflict', conflicts, token: toToken(this.token) };
    for (const fields of steps) this.#append(key, fields);
    return this.#accept(Object.keys(wants));
  }

  #append(key: string, fields: FieldValues): void {
    this.#fields = { ...this.#fields, ...fields };
    this.#events.push({ key, fields });
  }

  #accept(changed: string[]): CommandOutcome {
    return { outcome: 'accepted', changed, fields: this.#fields, token: toToken(this.token) };
  }

  #change(key: string, patch: FieldValues, seen: FieldValues): CommandOutcome {
    const conflicts: FieldConflict[] = Object.entries(patch)
      .map(([field, want]) => ({ field, was: seen[field], is: this.#fields[field], want, by: BOB, at: AT }))
      .filter(({ was, is, want }) => was !== undefined && was !== is && want !== is && want !== was);
    if (conflicts.length > 0) return { outcome: 'conflict', conflicts, token: toToken(this.token) };
    const wanted = Object.entries(patch).filter(
      ([field, want]) => want !== this.#fields[field] && want !== seen[field],
    );
    if (wanted.length > 0) this.#append(key, Object.fromEntries(wanted));
    return this.#accept(wanted.map(([field]) => field));
  }
}
