import { expect, it, onTestFinished } from 'vitest';
import { isEqual } from '../../protocol/isEqual.ts';
import { createSeededRandom, type SeededRandom } from '../../../test/support/seededRandom.ts';
import { createClient } from '../createClient.ts';
import type { ClientReport } from '../lifecycle/clientReport.ts';
import type { FakeSocket } from '../testSupport/fakeServer.ts';
import { createManualClock } from '../testSupport/manualClock.ts';
import { ModelServer, type Overwrite } from '../testSupport/modelServer.ts';
import { FIELDS, note } from '../testSupport/noteDefinition.ts';

const RUNS = 15;
const ACTIONS = 120;

type Person = ReturnType<typeof join>;
type Seen = ReturnType<Person['handle']['peek']>;
/** A field whose every value is asked for by one person. */
type Unique = 'title' | 'start' | 'remark';

function join(server: ModelServer, random: SeededRandom, token: string) {
  const clock = createManualClock();
  const reports: ClientReport[] = [];
  let socket: FakeSocket | undefined;
  const weft = createClient({
    url: 'http://server',
    aggregates: [note],
    token,
    createSocket: (url) => (socket = server.createSocket(url)),
    clock,
    random: () => random.integer(1000) / 1000,
    onReport: (report) => reports.push(report),
  });
  onTestFinished(() => weft.close());
  const handle = weft.note('n1');
  const revisions: number[] = [];
  const starts = new Set<unknown>();
  handle.subscribe(() => {
    starts.add(handle.fields.start);
    if (handle.token !== undefined) revisions.push(Number(handle.token.slice(1)));
  });
  return {
    ...{ clock, weft, reports, handle, revisions, starts, asked: [] as Promise<string>[] },
    /** What a value of a field may overwrite, for each time that it was asked for. */
    allowed: new Map<string, ((overwrite: Overwrite) => boolean)[]>(),
    /** A state that they looked at some time ago, as one does in a form. */
    earlier: handle.peek(),
    cut: () => socket && server.cut(socket),
  };
}

/** Keeps what becomes of something asked for in the end. */
function keep({ asked }: Person, result: ReturnType<Person['handle']['change']>): void {
  asked.push(
    result.then(async (answer) =>
      answer.outcome === 'queued' ? (await answer.settled).outcome : answer.outcome,
    ),
  );
}

/**
 * Whoever saw a value may overwrite that, and what they made of it themselves; where it was on its way, whatever of
 * their own came of it.
 */
function allow(
  { allowed }: Person,
  value: string,
  seen: { field: Unique; in: Seen; stored?: unknown },
): void {
  const { field, in: state, stored } = seen;
  const isAllowed = ({ history }: Overwrite): boolean => {
    const isBeneath = (saw: unknown) => history.some((before) => isEqual(before, saw));
    if (stored !== undefined) return isBeneath(stored);
    // While it is loading nothing is seen, and nothing detected.
    if (state.status !== 'existing') return true;
    return isBeneath(state.fields[field]) || (state.pending.includes(field) && history.length > 1);
  };
  const key = `${field} ${value.trim()}`;
  allowed.set(key, [...(allowed.get(key) ?? []), isAllowed]);
}

/** Asks for values, of which those of unique fields must not overwrite anything unseen. */
function change(
  person: Person,
  patch: Parameters<Person['handle']['change']>[0],
  seen = person.handle.peek(),
): void {
  for (const field of ['title', 'start', 'remark'] as const) {
    const value = patch[field];
    if (value) allow(person, value, { field, in: seen });
  }
  keep(person, person.handle.change(patch, { seen }));
}

function resolve(person: Person, random: SeededRandom, turn: number): void {
  const [conflict] = person.handle.conflicts;
  if (!conflict) return;
  const title = `resolved ${turn}`;
  const choice = random.oneOf(['mine', 'theirs', { title }] as const);
  const shown = person.handle.peek();
  const stored = conflict.fields.find(({ field }) => field === 'title')?.is;
  if (typeof choice === 'object') allow(person, title, { field: 'title', in: shown, stored });
  for (const { field, want, is } of choice === 'mine' && !conflict.command ? conflict.fields : []) {
    if (field === 'title' || field === 'start' || field === 'remark')
      allow(person, want ?? '', { field, in: shown, stored: is });
  }
  void conflict.resolve(choice);
}

function act(person: Person, random: SeededRandom, turn: number): void {
  const { handle } = person;
  const action = random.integer(15);
  if (action < 4) return change(person, { title: random.oneOf([`title ${turn}`, ` title ${turn} `]) });
  if (action < 6) {
    return change(person, { status: random.oneOf(['open', 'done'] as const), start: `day ${turn}` });
  }
  if (action < 8) return keep(person, handle.run('stamp', {}));
  if (action < 9) return keep(person, handle.run('finish', { at: `noon ${turn}` }));
  if (action < 11) return keep(person, handle.run('reschedule', { at: `night ${turn}` }));
  if (action < 12) return person.cut();
  if (action < 14) return person.clock.advance(random.integer(400));
  resolve(person, random, turn);
}

/** What only makes sense beside others: who is alone would be in conflict with themselves. */
function actOnEarlier(person: Person, random: SeededRandom, turn: number): void {
  const action = random.integer(4);
  if (action < 1) person.earlier = person.handle.peek();
  else if (action < 2) change(person, { title: `earlier ${turn}` }, person.earlier);
  else {
    if (action < 3) keep(person, person.handle.run('mark', {}));
    change(person, { remark: `remark ${turn}` }, person.earlier);
  }
}

/** Lets everything arrive that is under way. */
function settle(server: ModelServer, random: SeededRandom): void {
  for (let { steps } = server; steps.length > 0; { steps } = server) random.oneOf(steps)();
}

/** Lets everything arrive; promises of the client's own need their turn as well. */
async function drain(server: ModelServer, people: Person[], random: SeededRandom): Promise<void> {
  for (let idle = 0; idle < 3; idle++) {
    await new Promise((resolve) => setTimeout(resolve));
    for (const { clock, weft } of people)
      if (weft.connection.peek().state === 'offline') clock.advance(15_000);
    for (let { steps } = server; steps.length > 0; { steps } = server) {
      random.oneOf(steps)();
      idle = 0;
    }
  }
}

async function run(salt: number, size: number) {
  const random = createSeededRandom(salt);
  const server = new ModelServer({ ...FIELDS });
  const people = Array.from({ length: size }, (_, index) => join(server, random, `person ${index}`));
  // What is asked for before anything is seen is not foreseen; only others may find it in their way.
  if (size === 1) await drain(server, people, random);
  for (let turn = 0; turn < ACTIONS; turn++) {
    const isOnEarlier = size > 1 && random.integer(5) === 0;
    // A command of somebody who has not seen the newest is but a conflict.
    if (isOnEarlier) settle(server, random);
    (isOnEarlier ? actOnEarlier : act)(random.oneOf(people), random, turn);
    for (let count = random.integer(6); count > 0; count--) {
      const { steps } = server;
      if (steps.length > 0) random.oneOf(steps)();
    }
    if (turn % 5 === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  await drain(server, people, random);
  const outcomes = await Promise.all(people.flatMap(({ asked }) => asked));
  const open = people.flatMap(({ handle }) => handle.conflicts);
  const conflicts = open.length;
  const commandConflicts = open.filter(({ command }) => command !== undefined).length;
  for (const { handle } of people) for (const conflict of handle.conflicts) await conflict.resolve('theirs');
  return { server, people, outcomes, conflicts, commandConflicts };
}

/** What was overwritten by a value that its author asked for without having seen the other. */
function listUnseen({ overwrites }: ModelServer, people: readonly Person[]) {
  const judged = overwrites.flatMap((overwrite) => {
    const allowed = people.flatMap(
      (person) => person.allowed.get(`${overwrite.field} ${String(overwrite.value)}`) ?? [],
    );
    return allowed.length > 0 ? [{ overwrite, isSeen: allowed.some((allow) => allow(overwrite)) }] : [];
  });
  const unseen = judged.filter(({ isSeen }) => !isSeen).map(({ overwrite }) => overwrite);
  return { count: judged.length, unseen };
}

it('[HAN2] [HAN3] [HAN9] [HAN12] ends at what the server has, whatever order things come in and whatever is lost', async () => {
  const total = { accepted: 0, conflict: 0, repeats: 0, conflicts: 0, commandConflicts: 0 };
  for (let salt = 0; salt < RUNS; salt++) {
    const { server, people, outcomes, conflicts, commandConflicts } = await run(salt, 2);
    for (const { handle, reports, revisions } of people) {
      expect(handle.peek(), `run ${salt}`).toMatchObject({
        status: 'existing',
        fields: server.fields,
        confirmed: server.fields,
        pending: [],
        token: server.token,
        conflicts: [],
        saveState: { status: 'saved' },
        freshness: 'live',
      });
      expect(reports, `run ${salt}`).toEqual([]);
      expect(revisions, `run ${salt}`).toEqual(revisions.toSorted((a, b) => a - b));
    }
    expect(new Set(server.appliedKeys).size, `run ${salt}`).toBe(server.appliedKeys.length);
    total.accepted += outcomes.filter((outcome) => outcome === 'accepted').length;
    total.conflict += outcomes.filter((outcome) => outcome === 'conflict').length;
    expect(outcomes).not.toContain('rejected');
    total.repeats += server.repeats;
    total.conflicts += conflicts;
    total.commandConflicts += commandConflicts;
  }
  // Without these it would have shown nothing.
  for (const count of Object.values(total)) expect(count).toBeGreaterThan(RUNS / 4);
}, 30_000);

it('[HAN6] [HAN12] [TOK12] has nobody overwrite what they have not seen', async () => {
  let total = 0;
  for (let salt = 0; salt < RUNS; salt++) {
    const { server, people } = await run(2 * RUNS + salt, 2);
    const { count, unseen } = listUnseen(server, people);
    expect(unseen, `run ${salt}`).toEqual([]);
    total += count;
  }
  expect(total).toBeGreaterThan(RUNS);
}, 30_000);

it('[HAN6] [HAN12] [TOK12] has nobody in conflict with what they asked for themselves, nor shows half of it', async () => {
  const counts = new Map<string, number>();
  for (let salt = 0; salt < RUNS; salt++) {
    const { outcomes, server, people } = await run(RUNS + salt, 1);
    // What a rescheduling makes of the start at first, which nobody may decide on.
    for (const { starts } of people) expect([...starts], `run ${salt}`).not.toContain('cleared');
    for (const outcome of [...outcomes, ...Array.from({ length: server.repeats }, () => 'repeated')])
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  expect([...counts.keys()].toSorted()).toEqual(['accepted', 'repeated']);
}, 30_000);
