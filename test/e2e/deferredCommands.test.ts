import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StoredEvent } from '../../server/src/event-store/eventStore.ts';
import { openEventStore } from '../../server/src/event-store/openEventStore.ts';
import { call } from '../support/httpClient.ts';
import { createSeededRandom, type SeededRandom } from '../support/seededRandom.ts';
import { startServerProcess } from '../support/serverProcess.ts';
import { until } from '../support/until.ts';

const NOTES = ['n1', 'n2', 'n3', 'n4'];
// Each kills the server once; WEFT_CRASH_ROUNDS asks for more.
const ROUNDS = Number(process.env.WEFT_CRASH_ROUNDS ?? 4);
const WRITERS_PER_NOTE = 3;
const FEWEST_ACCEPTED = 100;
const USER = { Authorization: 'Bearer ada' };

type Accepted = {
  readonly kind: 'creation' | 'change';
  readonly title: string;
  /** Where its outcome is told. */
  readonly link: string;
};

/**
 * Changes a note's title again and again and creates notes in between, without waiting for an outcome, until the server
 * is gone. A creation that were carried out twice would be refused the second time. Knows what was accepted, in order.
 */
function startWriting(
  url: string,
  { note, writer, random }: { note: string; writer: string; random: SeededRandom },
) {
  const accepted: Accepted[] = [];
  let stopped = false;

  async function send(kind: Accepted['kind'], title: string): Promise<boolean> {
    const [method, id] = kind === 'creation' ? ['PUT', title] : ['PATCH', note];
    const headers = {
      ...USER,
      Prefer: 'respond-async',
      // Without one, only the id of its request keeps a command from being applied twice.
      ...(random.integer(2) === 0 && { 'Idempotency-Key': title }),
    };
    const answer = await call(`${url}/api/note/${id}`, method, { body: { title }, headers }).catch(
      () => undefined,
    );
    if (!answer) return false;
    if (answer.status !== 202) throw new Error(`answered ${answer.status}: ${answer.text}`);
    accepted.push({ kind, title, link: answer.headers.get('Location') ?? '' });
    return true;
  }

  const done = (async () => {
    for (let number = 0; !stopped; number++) {
      if (!(await send('change', `${writer}-${number}`))) return;
      if (!(await send('creation', `${writer}-${number}`))) return;
    }
  })();
  return {
    note,
    writer,
    accepted,
    stop: () => {
      stopped = true;
      return done;
    },
  };
}

/** What a server's store holds while no server runs. */
async function readStore({ folder }: { readonly folder: string }): Promise<readonly StoredEvent[]> {
  const store = await openEventStore(`sqlite:${join(folder, 'weft.db')}`);
  try {
    return await store.readAll({ limit: 1_000_000 });
  } finally {
    await store.close();
  }
}

/** The accepted commands that were not settled, and those of them that had been applied by then. */
function findUnsettled(events: readonly StoredEvent[]) {
  const settled = new Set(events.filter(({ type }) => type === 'CommandSettled').map(({ stream }) => stream));
  const unsettled = events.filter(({ type, stream }) => type === 'CommandAccepted' && !settled.has(stream));
  const keys = new Set(events.map(({ metadata }) => metadata.idempotencyKey));
  const applied = unsettled.filter(({ stream, data }) => {
    const { request } = data as { request: { idempotencyKey?: string } };
    return keys.has(request.idempotencyKey ?? stream.slice(stream.indexOf('-') + 1));
  });
  return { unsettled: unsettled.length, applied: applied.length };
}

/** The titles that a note was given, oldest first. */
function titlesOf(events: readonly StoredEvent[], note: string): readonly string[] {
  return events
    .filter(({ type, stream }) => stream === `note-${note}` && type === 'NoteChanged')
    .map(({ data }) => (data as { changes: { title: string } }).changes.title);
}

test('[ASY1] [ASY2] what was accepted is carried out once and in order, though the server was killed', async () => {
  const random = createSeededRandom();
  const server = await startServerProcess();
  for (const note of NOTES) {
    await call(`${server.url}/api/note/${note}`, 'PUT', { body: { title: 'start' }, headers: USER });
  }
  const writers: ReturnType<typeof startWriting>[] = [];
  const atKill = { unsettled: 0, applied: 0 };

  for (let round = 0; round < ROUNDS; round++) {
    const ofRound = NOTES.flatMap((note) =>
      Array.from({ length: WRITERS_PER_NOTE }, (_, index) =>
        startWriting(server.url, { note, writer: `${note}-${round}-${index}`, random }),
      ),
    );
    const enough = FEWEST_ACCEPTED + random.integer(200);
    const countAccepted = () => ofRound.reduce((sum, { accepted }) => sum + accepted.length, 0);
    await until(() => countAccepted() >= enough, { describe: 'acceptances' });
    await server.kill();
    await Promise.all(ofRound.map((writer) => writer.stop()));
    const left = findUnsettled(await readStore(server));
    atKill.unsettled += left.unsettled;
    atKill.applied += left.applied;
    await server.restart();

    for (const { kind, title, link } of ofRound.flatMap(({ accepted }) => accepted)) {
      const answer = await until(
        async () => {
          const asked = await call(server.url + link, 'GET', { headers: { ...USER, Prefer: 'wait=5' } });
          return asked.status === 202 ? undefined : asked;
        },
        { describe: `the outcome of ${title}` },
      );
      const status = kind === 'creation' ? 201 : 200;
      expect(answer).toMatchObject({ status, json: { outcome: 'accepted', fields: { title } } });
    }
    writers.push(...ofRound);
  }
  await server.stop();

  const events = await readStore(server);
  expect(findUnsettled(events).unsettled).toBe(0);
  for (const { note, writer, accepted } of writers) {
    const given = titlesOf(events, note).filter((title) => title.startsWith(`${writer}-`));
    const asked = accepted.filter(({ kind }) => kind === 'change').map(({ title }) => title);
    // The next one may have been accepted as well, its answer lost with the server.
    expect([asked, [...asked, `${writer}-${asked.length}`]]).toContainEqual(given);
  }
  expect(atKill.unsettled, 'accepted and not settled when the server was killed').toBeGreaterThan(
    atKill.applied,
  );
  expect(atKill.applied, 'and of those, applied').toBeGreaterThan(0);
});
