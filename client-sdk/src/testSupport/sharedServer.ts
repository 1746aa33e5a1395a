import { applyEvent, decideCommand } from '../../protocol/decideCommand.ts';
import type { FieldConflict } from '../../protocol/fieldConflict.ts';
import { isEqual } from '../../protocol/isEqual.ts';
import { decodeUp } from '../../protocol/messages/decodeUp.ts';
import type { Down } from '../../protocol/messages/down.ts';
import type { Command, Up } from '../../protocol/messages/up.ts';
import type { CommandOutcome, FieldValues } from '../../protocol/outcome.ts';
import type { Rejection } from '../../protocol/rejection.ts';
import { completeFields } from '../../protocol/validateFields.ts';
import { AT, toToken } from './createTestClient.ts';
import { ALICE, BOB, FakeSocket } from './fakeServer.ts';
import { note } from './noteDefinition.ts';

type UpCommand = Extract<Up, { type: 'command' }>;
type Guarded = Exclude<Command, { kind: 'create' }>;
type Change = Extract<Extract<Down, { type: 'changed' }>['change'], { kind: string }>;
type Event = { readonly key: string | undefined; readonly change: Change };
type Aggregate = {
  status: 'missing' | 'existing' | 'deleted';
  readonly events: Event[];
  /** The fields by revision. */
  readonly states: FieldValues[];
};
type Subscription = { readonly number: number; next?: number };
type Link = {
  readonly socket: FakeSocket;
  readonly up: string[];
  readonly down: Down[];
  readonly subscriptions: Map<string, Subscription>;
  isAlive: boolean;
};

/**
 * Notes for the pages of one person, served as the real server serves them, where everything that may happen in another
 * order happens in another order. It knows commands that it applied again, by their keys; others it judges anew.
 */
export class SharedServer {
  readonly #links: Link[] = [];
  readonly #aggregates = new Map<string, Aggregate>();
  readonly #answers = new Map<string, { readonly command: Command; readonly outcome: CommandOutcome }>();
  #tasks: { readonly run: () => void }[] = [];
  #numbers = 0;
  /** The keys in the order of their first execution, whatever came of it. */
  readonly executed = new Map<string, CommandOutcome['outcome']>();
  /** Keys that came again with another command. */
  readonly reused: string[] = [];
  repeats = 0;

  read(id: string): { readonly status: Aggregate['status']; readonly fields: FieldValues } {
    const { status, states } = this.#of(id);
    return { status, fields: states.at(-1) ?? {} };
  }

  /** Somebody else writes. */
  interfere(id: string, fields: FieldValues): void {
    const aggregate = this.#of(id);
    if (aggregate.status !== 'existing') return;
    this.#append(aggregate, undefined, { kind: 'changed', fields });
  }

  createSocket = (url: string): FakeSocket => {
    const socket = new FakeSocket(url);
    const link: Link = { socket, up: [], down: [], subscriptions: new Map(), isAlive: true };
    this.#links.push(link);
    socket.send = (data) => {
      if (typeof data !== 'string') throw new TypeError('this server has no texts');
      if (link.isAlive) link.up.push(data);
    };
    socket.close = () => {
      link.isAlive = false;
    };
    this.#tasks.push({ run: () => link.isAlive && socket.open() });
    return socket;
  };

  /** Everything that could happen next. */
  get steps(): (() => void)[] {
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
      ...live.flatMap((link) =>
        [...link.subscriptions]
          .filter(([id, { next = Infinity }]) => next < this.#of(id).events.length)
          .map(
            ([id]) =>
              () =>
                this.#feed(link, id),
          ),
      ),
    ];
  }

  /** The socket is gone. `isHeard`: the client's page is there to hear of it. Commands that arrived are carried out. */
  cut(socket: FakeSocket, isHeard: boolean): void {
    const link = this.#links.find((candidate) => candidate.socket === socket);
    if (!link?.isAlive) return;
    link.isAlive = false;
    if (isHeard) socket.lose(1006, 'cut');
  }

  #of(id: string): Aggregate {
    const aggregate = this.#aggregates.get(id) ?? { status: 'missing', events: [], states: [{}] };
    this.#aggregates.set(id, aggregate);
    return aggregate;
  }

  #receive(link: Link): void {
    const decoded = decodeUp(JSON.parse(link.up.shift() ?? ''));
    if (!decoded.ok) throw new Error(decoded.error);
    const message = decoded.value;
    switch (message.type) {
      case 'hello':
        return this.#answer(link, { type: 'welcome', protocolVersion: 1, sessionId: 's', user: ALICE });
      case 'subscribe':
        return this.#subscribe(link, message.id, message.after);
      case 'unsubscribe':
        link.subscriptions.delete(message.id);
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
  #subscribe(link: Link, id: string, after: string | undefined): void {
    const number = ++this.#numbers;
    link.subscriptions.set(id, { number });
    const read = () => {
      if (link.subscriptions.get(id)?.number !== number) return;
      const { status, events, states } = this.#of(id);
      const token = toToken(`t${events.length}`);
      const existing =
        after === token
          ? ({ status: 'unchanged', token } as const)
          : ({ status: 'existing', fields: { ...states.at(-1) }, token } as const);
      link.subscriptions.set(id, { number, next: events.length });
      const state = status === 'existing' ? existing : { status };
      this.#answer(link, { type: 'state', aggregate: 'note', id, state });
    };
    this.#tasks.push({ run: read });
  }

  #feed(link: Link, id: string): void {
    const subscription = link.subscriptions.get(id);
    const at = subscription?.next ?? 0;
    const event = this.#of(id).events[at];
    if (!subscription || !event) return;
    link.subscriptions.set(id, { ...subscription, next: at + 1 });
    const { key, change } = event;
    const token = toToken(`t${at + 1}`);
    const told = { type: 'changed', aggregate: 'note', id, change, token, by: BOB, at: AT } as const;
    this.#answer(link, { ...told, ...(key !== undefined && { key }) });
  }

  #execute(link: Link, { id, key, command }: UpCommand): void {
    const outcome = this.#repeat(key, command) ?? this.#decide(id, key, command);
    if (!this.executed.has(key)) this.executed.set(key, outcome.outcome);
    if (outcome.outcome === 'accepted' && !this.#answers.has(key))
      this.#answers.set(key, { command, outcome });
    // What follows the aggregate may be told of its events first.
    this.#tasks.push({ run: () => this.#answer(link, { type: 'outcome', key, outcome }) });
  }

  #repeat(key: string, command: Command): CommandOutcome | undefined {
    const kept = this.#answers.get(key);
    if (!kept) return undefined;
    this.repeats++;
    if (isEqual(kept.command, command)) return kept.outcome;
    this.reused.push(key);
    return reject('idempotency-key-reused');
  }

  #decide(id: string, key: string, command: Command): CommandOutcome {
    const aggregate = this.#of(id);
    if (command.kind === 'create') return this.#create(aggregate, key, command.fields);
    if (aggregate.status === 'missing') return reject('not-found');
    if (aggregate.status === 'deleted') return reject('deleted');
    if (command.kind === 'invoke') return this.#invoke(aggregate, key, command);
    const wants = command.kind === 'change' ? command.patch : {};
    const before = aggregate.states.at(-1) ?? {};
    const seen = seenOf(aggregate, command);
    const asked = Object.keys(wants).filter(
      (field) => !isEqual(wants[field], before[field]) && !isEqual(wants[field], seen[field]),
    );
    const judged = command.kind === 'delete' ? Object.keys(before) : asked;
    const conflict = findConflict(aggregate, { names: judged, seen, wants });
    if (conflict) return conflict;
    if (command.kind === 'delete') this.#append(aggregate, key, { kind: 'deleted' });
    else if (asked.length > 0) {
      const fields = Object.fromEntries(asked.map((field) => [field, wants[field]]));
      this.#append(aggregate, key, { kind: 'changed', fields });
    }
    return accept(aggregate, before);
  }

  #create(aggregate: Aggregate, key: string, given: FieldValues): CommandOutcome {
    if (aggregate.status !== 'missing')
      return reject(aggregate.status === 'deleted' ? 'deleted' : 'already-exists');
    this.#append(aggregate, key, { kind: 'created', fields: completeFields(note, given).values });
    return accept(aggregate, {});
  }

  #invoke(aggregate: Aggregate, key: string, asked: Extract<Command, { kind: 'invoke' }>): CommandOutcome {
    const before = aggregate.states.at(-1) ?? {};
    const command = note.commands[asked.name];
    if (!command) throw new Error(`there is no command ${asked.name}`);
    const context = { id: 'n1', user: BOB, at: `${AT} ${aggregate.events.length}` };
    const decided = decideCommand(note, command, { fields: before, input: asked.input, context });
    if ('refused' in decided) return reject('refused');
    const wants = Object.fromEntries(
      Object.entries(decided.fields).filter(([field, want]) => !isEqual(want, before[field])),
    );
    const names = [...new Set([...Object.keys(wants), ...command.reads])];
    const conflict = findConflict(aggregate, { names, seen: seenOf(aggregate, asked), wants });
    if (conflict) return conflict;
    for (const event of decided.events) {
      const fields = applyEvent(note, aggregate.states.at(-1) ?? {}, event);
      this.#append(aggregate, key, { kind: 'changed', fields });
    }
    return accept(aggregate, before);
  }

  #append(aggregate: Aggregate, key: string | undefined, change: Change): void {
    const before = aggregate.states.at(-1) ?? {};
    aggregate.events.push({ key, change });
    aggregate.states.push(change.kind === 'deleted' ? before : { ...before, ...change.fields });
    aggregate.status = change.kind === 'deleted' ? 'deleted' : 'existing';
  }
}

function seenOf({ states }: Aggregate, { token, seen }: Guarded): FieldValues {
  return { ...(token !== undefined && states[Number(token.slice(1))]), ...seen };
}

function findConflict(
  { states, events }: Aggregate,
  judged: { readonly names: readonly string[]; readonly seen: FieldValues; readonly wants: FieldValues },
): CommandOutcome | undefined {
  const { names, seen, wants } = judged;
  const stored = states.at(-1) ?? {};
  const conflicts: FieldConflict[] = names
    .filter((field) => Object.hasOwn(seen, field) && !isEqual(seen[field], stored[field]))
    .map((field) => ({ field, was: seen[field], is: stored[field], want: wants[field], by: BOB, at: AT }));
  const token = toToken(`t${events.length}`);
  return conflicts.length > 0 ? { outcome: 'conflict', conflicts, token } : undefined;
}

function accept({ states, events }: Aggregate, before: FieldValues): CommandOutcome {
  const fields = states.at(-1) ?? {};
  const changed = Object.keys(fields).filter((field) => !isEqual(fields[field], before[field]));
  return { outcome: 'accepted', changed, fields, token: toToken(`t${events.length}`) };
}

function reject(code: Rejection['code']): CommandOutcome {
  return { outcome: 'rejected', code, detail: 'not like this' };
}
