import { expect, it, onTestFinished } from 'vitest';
import { createSeededRandom, type SeededRandom } from '../../../test/support/seededRandom.ts';
import { createClient } from '../createClient.ts';
import type { ClientReport } from '../lifecycle/clientReport.ts';
import type { FakeSocket } from '../testSupport/fakeServer.ts';
import { createManualClock } from '../testSupport/manualClock.ts';
import { ModelServer } from '../testSupport/modelServer.ts';
import { FIELDS, note } from '../testSupport/noteDefinition.ts';

const RUNS = 15;
const ACTIONS = 120;

type Person = ReturnType<typeof join>;

function join(server: ModelServer, random: SeededRandom) {
  const clock = createManualClock();
  const reports: ClientReport[] = [];
  let socket: FakeSocket | undefined;
  const weft = createClient({
    url: 'http://server',
    aggregates: [note],
    createSocket: (url) => (socket = server.createSocket(url)),
    clock,
    random: () => random.integer(1000) / 1000,
    onReport: (report) => reports.push(report),
  });
  onTestFinished(() => weft.close());
  const handle = weft.note('n1');
  const revisions: number[] = [];
  handle.subscribe(() => {
    if (handle.token !== undefined) revisions.push(Number(handle.token.slice(1)));
  });
  return {
    ...{ clock, weft, reports, handle, revisions, asked: [] as Promise<string>[] },
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

function act(person: Person, random: SeededRandom, turn: number): void {
  const [conflict] = person.handle.conflicts;
  const { handle } = person;
  const action = random.integer(14);
  if (action < 4) return keep(person, handle.change({ title: `title ${turn}` }));
  if (action < 6) {
    const status = random.oneOf(['open', 'done'] as const);
    return keep(person, handle.change({ status, start: `day ${turn}` }));
  }
  if (action < 8) return keep(person, handle.run('stamp', {}));
  if (action < 10) return keep(person, handle.run('finish', { at: `day ${turn}` }));
  if (action < 11) return person.cut();
  if (action < 13) return person.clock.advance(random.integer(400));
  if (conflict) void conflict.resolve(random.oneOf(['mine', 'theirs', { title: `resolved ${turn}` }]));
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
  const people = Array.from({ length: size }, () => join(server, random));
  for (let turn = 0; turn < ACTIONS; turn++) {
    act(random.oneOf(people), random, turn);
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

it('[HAN2] [HAN3] [HAN9] [HAN12] ends at what the server has, whatever order things come in and whatever is lost', async () => {
  const total = { accepted: 0, conflict: 0, repeats: 0, conflicts: 0, commandConflicts: 0 };
  for (let salt = 0; salt < RUNS; salt++) {
    const { server, people, outcomes, conflicts, commandConflicts } = await run(salt, 2);
    for (const { handle, reports, revisions } of people) {
      expect(handle.peek(), `run ${salt}`).toEqual({
        status: 'existing',
        fields: server.fields,
        confirmed: server.fields,
        pending: [],
        token: server.token,
        conflicts: [],
        saveState: 'saved',
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

it('[HAN6] [HAN12] [TOK12] has nobody in conflict with what they asked for themselves', async () => {
  const counts = new Map<string, number>();
  for (let salt = 0; salt < RUNS; salt++) {
    const { outcomes, server } = await run(RUNS + salt, 1);
    for (const outcome of [...outcomes, ...Array.from({ length: server.repeats }, () => 'repeated')])
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  expect([...counts.keys()].toSorted()).toEqual(['accepted', 'repeated']);
}, 30_000);
