import { join } from 'node:path';
import { defineAggregate } from '@weft/client/protocol';
import type { WeftServer } from '@weft/server';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openEventStore } from '../../server/src/event-store/openEventStore.ts';
import { createInMemoryEventStore } from '../../server/src/event-store/inMemoryEventStore.ts';
import type { EventStore } from '../../server/src/event-store/eventStore.ts';
import { call, type HttpAnswer } from '../support/httpClient.ts';
import { createTemporaryFolder } from '../support/temporaryFolder.ts';
import { startTestServer } from '../support/testServer.ts';

const WRITERS = 64;
const fieldNames = Array.from({ length: WRITERS }, (_, index) => `field${index}`);
const grid = defineAggregate('grid', {
  fields: Object.fromEntries(fieldNames.map((name) => [name, z.number()])),
  initial: Object.fromEntries(fieldNames.map((name) => [name, 0])),
});

async function openSqlite(): Promise<EventStore> {
  const store = await openEventStore(`sqlite:${join(await createTemporaryFolder(), 'weft.db')}`);
  onTestFinished(() => store.close());
  return store;
}

/** Servers that share a store, as nodes do, with a grid in it. */
async function setUp(store: EventStore, nodes: number) {
  const servers: WeftServer[] = [];
  for (let node = 0; node < nodes; node++) {
    servers.push(await startTestServer({ store, aggregates: [grid] }));
  }
  const urlOf = (writer: number) => servers[writer % nodes]?.url ?? '';
  const created = await call(`${urlOf(0)}/api/grid/g1`, 'PUT', { body: {} });
  const token = String(created.json?.token);
  const write = (writer: number, body: object) =>
    call(`${urlOf(writer)}/api/grid/g1`, 'PATCH', { body, headers: { 'Consistency-Token': token } });
  const read = async () => (await call(`${urlOf(0)}/api/grid/g1`, 'GET')).json?.fields;
  return { write, read };
}

function countByStatus(answers: readonly HttpAnswer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

const stores = [
  { name: 'one node on SQLite', open: openSqlite, nodes: 1 },
  {
    name: 'three nodes that share a store',
    open: () => Promise.resolve(createInMemoryEventStore()),
    nodes: 3,
  },
];

test.each(stores)(
  '[CMD6] [TOK5] 64 writers at once, each of a field of its own, are all accepted: $name',
  async ({ open, nodes }) => {
    const { write, read } = await setUp(await open(), nodes);
    const answers = await Promise.all(
      fieldNames.map((field, writer) => write(writer, { [field]: writer + 1 })),
    );
    expect(countByStatus(answers)).toEqual({ 200: WRITERS });
    expect(await read()).toEqual(Object.fromEntries(fieldNames.map((field, writer) => [field, writer + 1])));
  },
);

test.each(stores)(
  '[CMD6] [TOK7] of 64 writers at once of one field one is accepted, and 63 are shown its value: $name',
  async ({ open, nodes }) => {
    const { write, read } = await setUp(await open(), nodes);
    const answers = await Promise.all(
      fieldNames.map((_field, writer) => write(writer, { field0: writer + 1 })),
    );
    expect(countByStatus(answers)).toEqual({ 200: 1, 409: WRITERS - 1 });
    const winner = answers.findIndex(({ status }) => status === 200) + 1;
    for (const [index, { json, status }] of answers.entries()) {
      if (status === 409) {
        expect(json?.conflicts).toMatchObject([{ field: 'field0', was: 0, is: winner, want: index + 1 }]);
      }
    }
    expect(await read()).toMatchObject({ field0: winner });
  },
);
