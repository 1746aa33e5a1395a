import { expect, it } from 'vitest';
import { AT, createTestClient, toToken } from '../testSupport/createTestClient.ts';
import { BOB } from '../testSupport/fakeServer.ts';
import { FIELDS } from '../testSupport/noteDefinition.ts';

const HANDLES = 1_000;

const at = (id: string) => ({ aggregate: 'note', id }) as const;

it('[CON9] a thousand handles go on from their tokens on one socket, without gap or repeat', async () => {
  const { server, clock, weft, reports } = createTestClient();
  const handles = Array.from({ length: HANDLES }, (_, index) => weft.note(`n${index}`));
  await server.accept();
  for (const { id } of server.all('subscribe')) {
    const state = { status: 'existing', fields: FIELDS, token: toToken(`${id}-1`) } as const;
    server.say({ type: 'state', ...at(id), state });
  }
  const titles = handles.map((handle) => {
    const seen: unknown[] = [];
    handle.subscribe(() => {
      const state = handle.peek();
      const title = state.status === 'existing' ? state.fields.title : state.status;
      if (title !== seen.at(-1)) seen.push(title);
    });
    return seen;
  });
  const change = (id: string, number: number) =>
    server.say({
      ...{ type: 'changed', ...at(id), by: BOB, at: AT, token: toToken(`${id}-${number}`) },
      change: { kind: 'changed', fields: { title: `title ${number}` } },
    });
  for (const { id } of handles) change(id, 2);
  server.lose();
  clock.advance(125);
  await server.accept({ attempt: 2 });
  expect(server.sockets).toHaveLength(2);
  expect(server.all('subscribe')).toEqual(
    handles.map(({ id }) => ({ type: 'subscribe', ...at(id), after: toToken(`${id}-2`) })),
  );
  // Somebody has changed every third of them meanwhile.
  handles.forEach(({ id }, index) => {
    const fields = { ...FIELDS, title: 'title 3' };
    const state =
      index % 3 === 0
        ? ({ status: 'existing', fields, token: toToken(`${id}-3`) } as const)
        : ({ status: 'unchanged', token: toToken(`${id}-2`) } as const);
    server.say({ type: 'state', ...at(id), state });
  });
  for (const { id } of handles) change(id, 4);
  handles.forEach((handle, index) => {
    const missed = index % 3 === 0 ? ['title 3'] : [];
    expect(titles[index]?.filter((title) => title !== FIELDS.title)).toEqual([
      'title 2',
      ...missed,
      'title 4',
    ]);
    expect(handle.peek()).toMatchObject({ freshness: 'live', saveState: { status: 'saved' } });
  });
  expect(reports).toEqual([]);
});

it('[CON9] a handle that the server could not serve is reported, and does not look live', async () => {
  const { server, weft, reports } = createTestClient();
  const served = weft.note('n1');
  const refused = weft.note('n2');
  await server.accept();
  server.say({ type: 'state', ...at('n1'), state: { status: 'missing' } });
  const message = 'no more than 4096 subscriptions: note n2 has none';
  server.say({ type: 'error', code: 'too-many-subscriptions', message, ...at('n2') });
  expect(served.peek()).toMatchObject({ status: 'missing', freshness: 'live' });
  expect(refused.peek()).toMatchObject({ status: 'loading', freshness: 'cached' });
  expect(reports).toEqual([{ kind: 'server-error', code: 'too-many-subscriptions', detail: message }]);
});
