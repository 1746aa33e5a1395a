import { expect, test } from 'vitest';
import { createSeededRandom, randomFrom, type SeededRandom } from '../../../test/support/seededRandom.ts';
import { note } from '../testSupport/noteDefinition.ts';
import { createTestWorld, type Person, type TestWorld, type WorldFrame } from './index.ts';

type Definitions = readonly [typeof note];

const STEPS = 200;

/** Three people and one note, for a while; what a run was like, but for ids and bytes that are never the same. */
async function run(seed: number) {
  const random = randomFrom(seed);
  const trace: string[] = [];
  await using world = createTestWorld({
    aggregates: [note],
    seed,
    onFrame: (frame) => trace.push(describeFrame(frame)),
  });
  const people = ['Ada', 'Ben', 'Cid'].map((name) => world.connect(name));
  await people[0]?.weft.note('n1').create({ title: 'Plan' });
  for (const person of people) person.weft.note('n1').text('body');
  await world.settle();
  let typed = 0;
  for (let step = 0; step < STEPS; step++) {
    const person = random.oneOf(people);
    const done = await random.oneOf(ACTIONS)(person, random, step);
    typed += done.typed ?? 0;
    if (random.integer(4) === 0) await world.settle();
    trace.push(`${step}: ${person.name} ${done.what}`);
  }
  await bringTogether(world, people, random);
  return { trace, typed, ends: people.map(readEnd) };
}

type Action = (person: Person<Definitions>, random: SeededRandom, step: number) => Done | Promise<Done>;

type Done = { readonly what: string; readonly typed?: number };

const ACTIONS: readonly Action[] = [
  changeTitle,
  changeTitle,
  type,
  type,
  type,
  (person) => {
    person.goOffline();
    return { what: 'goes offline' };
  },
  (person) => {
    person.goOnline();
    return { what: 'goes online' };
  },
  async (person, random) => {
    if (random.integer(4) > 0) return { what: 'does nothing' };
    const weft = await person.restart();
    weft.note('n1').text('body');
    return { what: 'reloads' };
  },
  (person, random) => ({ what: `decides ${decide(person, random)}` }),
];

function changeTitle(person: Person<Definitions>, _random: SeededRandom, step: number) {
  void person.weft.note('n1').change({ title: `${person.name} ${step}` });
  return { what: 'changes the title' };
}

function type(person: Person<Definitions>, random: SeededRandom) {
  const { ytext } = person.weft.note('n1').text('body');
  const letters = 'x'.repeat(1 + random.integer(5));
  ytext.insert(random.integer(ytext.length + 1), letters);
  return { what: 'types', typed: letters.length };
}

/** How many conflicts there were to decide. */
function decide(person: Person<Definitions>, random: SeededRandom): number {
  const { conflicts } = person.weft.note('n1');
  for (const conflict of conflicts) void conflict.resolve(random.oneOf(['mine', 'theirs'] as const));
  return conflicts.length;
}

async function bringTogether(
  world: TestWorld<Definitions>,
  people: readonly Person<Definitions>[],
  random: SeededRandom,
): Promise<void> {
  for (const person of people) person.goOnline();
  await world.settle();
  while (people.some((person) => decide(person, random) > 0)) await world.settle();
}

function readEnd({ weft }: Person<Definitions>) {
  const handle = weft.note('n1');
  const text = handle.text('body').ytext.toJSON();
  const state = handle.peek();
  if (state.status !== 'existing') throw new Error(`the note is ${state.status}`);
  const { fields, token, pending, conflicts } = state;
  return { text, fields, token, pending, conflicts, saveState: weft.saveState.peek() };
}

function describeFrame({ person, direction, data }: WorldFrame): string {
  const { type } =
    typeof data === 'string' ? (JSON.parse(data) as { readonly type: string }) : { type: 'bytes' };
  return `${person} ${direction} ${type}`;
}

test('[TST2] whatever three people do, and whenever they are cut off, ends in one note', async () => {
  const { typed, ends } = await run(createSeededRandom(601).integer(2 ** 31));
  const [first, ...others] = ends;
  for (const end of others) expect(end).toEqual(first);
  expect(first).toMatchObject({ pending: [], conflicts: [], saveState: { status: 'saved' } });
  expect(first?.text).toHaveLength(typed);
});

test('[TST3] a seed makes the same things happen in the same order', async () => {
  const seed = createSeededRandom(602).integer(2 ** 31);
  const [one, again, other] = [await run(seed), await run(seed), await run(seed + 1)];
  expect(again.trace).toEqual(one.trace);
  expect(again.ends[0]?.fields).toEqual(one.ends[0]?.fields);
  expect(other.trace).not.toEqual(one.trace);
});
