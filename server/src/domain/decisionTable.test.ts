import {
  type Command,
  type CommandOutcome,
  type ConsistencyToken,
  defineAggregate,
  type FieldConflict,
  mergeCounter,
  type User,
} from '@weft/client/protocol';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createTestHandler } from '../commands/testSupport/createTestHandler.ts';
import { createInMemoryEventStore } from '../event-store/inMemoryEventStore.ts';
import { toStreamName } from '../event-store/streamName.ts';

/*
 * Every combination of what a write can meet. `value` is the field under test; `partner` is grouped with it or not, and
 * is changed meanwhile or not; `aside` is asked along and never conflicts; `remote` is changed by somebody else, so that
 * an older token is always older than something.
 */
const TOKENS = [
  'none',
  'current',
  'older',
  'of a lost history',
  'of another aggregate',
  'of the future',
] as const;
const POLICIES = {
  reject: 'reject',
  'last writer': 'last-writer-wins',
  'first writer': 'first-writer-wins',
  merge: mergeCounter,
} as const;
const VALUES = {
  'is = was': { was: 10, is: 10, want: 15 },
  'want = is': { was: 10, is: 13, want: 13 },
  'want = was': { was: 10, is: 13, want: 10 },
  'all differ': { was: 10, is: 13, want: 15 },
} as const;
const GROUPS = [
  'alone',
  'beside a partner that changed',
  'grouped',
  'grouped with a partner that changed',
] as const;
const HANDLINGS = ['strict', 'lenient'] as const;

type Row = {
  token: (typeof TOKENS)[number];
  policy: keyof typeof POLICIES;
  values: keyof typeof VALUES;
  group: (typeof GROUPS)[number];
  handling: (typeof HANDLINGS)[number];
};

const rows: Row[] = TOKENS.flatMap((token) =>
  (Object.keys(POLICIES) as Row['policy'][]).flatMap((policy) =>
    (Object.keys(VALUES) as Row['values'][]).flatMap((values) =>
      GROUPS.flatMap((group) => HANDLINGS.map((handling) => ({ token, policy, values, group, handling }))),
    ),
  ),
);

type Lost = { field: string; was: number; is: number; want: number; kept: number };
type Foretold =
  | { outcome: 'rejected' }
  | { outcome: 'conflict'; conflicts: string[] }
  | { outcome: 'accepted' | 'merged'; stored: number; lost: Lost[] }
  | { outcome: 'partial'; stored: number; conflicts: string[] };

/** What the rules say, one after the other; knows nothing of how the server decides. */
function foretell({ token, ...row }: Row): Foretold {
  const { want } = VALUES[row.values];
  if (token === 'of another aggregate' || token === 'of the future') return { outcome: 'rejected' }; // TOK2
  if (token === 'of a lost history') return { outcome: 'conflict', conflicts: [] }; // TOK9
  if (token === 'older') return foretellOlder(row);
  return { outcome: 'accepted', stored: want, lost: [] }; // TOK3, TOK4
}

function foretellOlder({ policy, values, group, handling }: Omit<Row, 'token'>): Foretold {
  const { was, is, want } = VALUES[values];
  if (want === was || (want === is && policy !== 'merge')) return { outcome: 'merged', stored: is, lost: [] }; // TOK6, TOK15
  const differing = group === 'grouped with a partner that changed' ? ['value', 'partner'] : ['value'];
  const isContended = is !== was || differing.length > 1;
  if (!isContended) return { outcome: 'merged', stored: want, lost: [] }; // TOK5
  if (policy === 'reject') {
    if (handling === 'lenient') return { outcome: 'partial', stored: is, conflicts: differing }; // TOK14
    return { outcome: 'conflict', conflicts: differing }; // TOK7, TOK8
  }
  const kept = { 'last writer': want, 'first writer': is, merge: is + want - was }[policy];
  const gaveWay = kept !== want || (is !== was && kept !== is);
  return { outcome: 'merged', stored: kept, lost: gaveWay ? [{ field: 'value', was, is, want, kept }] : [] }; // TOK10
}

const ada: User = { id: 'ada', name: 'Ada' };
const ben: User = { id: 'ben', name: 'Ben' };
const cleo: User = { id: 'cleo', name: 'Cleo' };

type Step = { user: User; command: Command; id?: string; handling?: Row['handling'] };

function createWorld({ policy, group, values }: Row) {
  const sheet = defineAggregate('sheet', {
    fields: { value: z.number(), partner: z.number(), aside: z.number(), remote: z.number() },
    groups: group.startsWith('grouped') ? { pair: ['value', 'partner'] } : {},
    onConflict: { value: POLICIES[policy] },
  });
  const store = createInMemoryEventStore();
  const handler = createTestHandler([sheet], store);
  const execute = ({ id = 's1', ...step }: Step) => handler.execute({ aggregate: 'sheet', id, ...step });
  return {
    execute,
    create: (id?: string) => {
      const fields = { value: VALUES[values].was, partner: 1, aside: 1, remote: 1 };
      const step: Step = { user: ada, command: { kind: 'create', fields } };
      return execute(id === undefined ? step : { ...step, id });
    },
    changeMeanwhile: () => {
      const patch = { value: VALUES[values].is, partner: group.endsWith('changed') ? 2 : 1, remote: 2 };
      return execute({ user: ben, command: { kind: 'change', patch } });
    },
    readEvents: async () => {
      const read = await store.readStream(toStreamName('sheet', 's1'));
      return read.outcome === 'read' ? read.events : [];
    },
  };
}

function tokenOf(outcome: CommandOutcome): ConsistencyToken {
  if (!('token' in outcome)) throw new Error(`no token in ${JSON.stringify(outcome)}`);
  return outcome.token;
}

/** A world in which Ada made a sheet and Ben changed it, and the token that Cleo's write carries. */
async function prepare(row: Row) {
  const world = createWorld(row);
  // The same sheet with a history of its own, as after a backup was restored.
  const other = createWorld(row);
  const created = tokenOf(await world.create());
  const current = tokenOf(await world.changeMeanwhile());
  const lost = tokenOf(await other.create());
  await other.changeMeanwhile();
  const aside = (value: number) => other.execute({ user: ben, command: toChange({ aside: value }) });
  await aside(2);
  const future = tokenOf(await aside(3));
  const tokens: Record<Row['token'], ConsistencyToken | undefined> = {
    none: undefined,
    current,
    older: created,
    'of a lost history': lost,
    'of another aggregate': tokenOf(await world.create('s2')),
    'of the future': future,
  };
  return { ...world, current, token: tokens[row.token] };
}

function toChange(patch: Record<string, number>, token?: ConsistencyToken): Command {
  return token === undefined ? { kind: 'change', patch } : { kind: 'change', patch, token };
}

/** What is stored before Cleo's write, and what she would be told of the fields in conflict. */
function toBefore({ values, group }: Row) {
  const { was, is, want } = VALUES[values];
  const partner = group.endsWith('changed') ? 2 : 1;
  const touchOf = (isChanged: boolean) => ({ by: isChanged ? ben : ada, at: '2026-01-01T00:00:00.000Z' });
  const claims: Record<string, FieldConflict> = {
    value: { field: 'value', was, is, want, ...touchOf(is !== was) },
    partner: { field: 'partner', was: 1, is: partner, want: 1, ...touchOf(partner === 2) },
  };
  return { fields: { value: is, partner, aside: 1, remote: 2 }, claims };
}

async function checkRow(row: Row): Promise<void> {
  const { execute, readEvents, current, token } = await prepare(row);
  const before = toBefore(row);
  const stored = await readEvents();

  const command = toChange({ value: VALUES[row.values].want, aside: 7 }, token);
  const outcome = await execute({ user: cleo, command, handling: row.handling });

  const appended = (await readEvents()).slice(stored.length);
  const foretold = foretell(row);
  const conflicts = 'conflicts' in foretold ? foretold.conflicts.map((field) => before.claims[field]) : [];
  if (foretold.outcome === 'rejected') {
    expect(outcome).toMatchObject({ outcome: 'rejected', code: 'malformed-token' });
    expect(appended).toEqual([]);
  } else if (foretold.outcome === 'conflict') {
    expect(outcome).toEqual({ outcome: 'conflict', conflicts, token: current });
    expect(appended).toEqual([]);
  } else {
    const value = foretold.stored === before.fields.value ? {} : { value: foretold.stored };
    const changes = { ...value, aside: 7 };
    expect({ lost: [], conflicts: [], ...outcome }).toEqual({
      outcome: foretold.outcome,
      changed: Object.keys(changes),
      fields: { ...before.fields, ...changes },
      token: expect.any(String) as string,
      lost: 'lost' in foretold ? foretold.lost : [],
      conflicts,
    });
    expect(appended).toHaveLength(1);
    expect(appended[0]).toMatchObject({ metadata: { user: cleo } });
    expect(appended[0]?.data).toEqual({ changes });
  }
}

const TITLE = '$values, $policy, $group, $handling';
const rowsOf = (token: Row['token'], values?: Row['values']) =>
  rows.filter((row) => row.token === token && (values === undefined || row.values === values));

test.each(rowsOf('none'))(`[TOK3] without a token: ${TITLE}`, checkRow);
test.each(rowsOf('current'))(`[TOK4] with the current token: ${TITLE}`, checkRow);
test.each(rowsOf('of a lost history'))(`[TOK9] with a token of a lost history: ${TITLE}`, checkRow);
test.each(rowsOf('of another aggregate'))(`[TOK2] with a token of another aggregate: ${TITLE}`, checkRow);
test.each(rowsOf('of the future'))(`[TOK2] with a token of the future: ${TITLE}`, checkRow);
test.each(rowsOf('older', 'want = is'))(`[TOK6] with an older token: ${TITLE}`, checkRow);
test.each(rowsOf('older', 'want = was'))(`[TOK15] with an older token: ${TITLE}`, checkRow);
test.each(rowsOf('older', 'is = was'))(
  `[TOK5] [TOK8] [TOK10] [TOK14] with an older token: ${TITLE}`,
  checkRow,
);
test.each(rowsOf('older', 'all differ'))(
  `[TOK7] [TOK8] [TOK10] [TOK14] with an older token: ${TITLE}`,
  checkRow,
);

test('the table foretells every outcome', () => {
  const counts = Object.groupBy(rows.map(foretell), ({ outcome }) => outcome);
  const sizes = Object.fromEntries(Object.entries(counts).map(([outcome, { length }]) => [outcome, length]));
  expect(sizes).toEqual({ rejected: 256, accepted: 256, conflict: 133, merged: 118, partial: 5 });
});
