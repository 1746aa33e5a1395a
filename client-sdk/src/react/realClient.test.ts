// @vitest-environment happy-dom
import { act, cleanup, render } from '@testing-library/react';
import { createElement as h, StrictMode, useLayoutEffect } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createTestClient, say } from '../testSupport/createTestClient.ts';
import { note } from '../testSupport/noteDefinition.ts';
import {
  type DraftView,
  type FieldView,
  type LateRefusal,
  useAggregate,
  useDraft,
  useField,
  useText,
  WeftProvider,
} from './index.ts';

type Field = FieldView<typeof note, 'title'>;

const GRACE_MS = 5_000;

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
});
afterEach(cleanup);

/** A page of the note `n1`; `shown` are the states of its title and its text, as they were rendered. */
async function showNote() {
  const { weft, server, clock, reports } = createTestClient();
  await server.accept();
  const shown: Field[] = [];
  const texts: string[] = [];
  function Title() {
    const field = useField(useAggregate(note, 'n1').handle, 'title');
    useLayoutEffect(() => {
      shown.push(field);
    }, [field]);
    return null;
  }
  function Body() {
    const { state } = useText(useAggregate(note, 'n1').handle, 'body');
    useLayoutEffect(() => {
      texts.push(state.status);
    }, [state]);
    return null;
  }
  const page = (isOpen: boolean) =>
    h(StrictMode, null, h(WeftProvider, { client: weft, clock }, isOpen && h(Title), isOpen && h(Body)));
  const { rerender, unmount } = render(page(true));
  return {
    weft,
    server,
    clock,
    reports,
    shown,
    texts,
    unmount,
    show: (isOpen: boolean) => rerender(page(isOpen)),
  };
}

it('[REA1] subscribes once to a note and opens its text once, in StrictMode and when the page is left for a moment', async () => {
  const { server, clock, show, texts, reports } = await showNote();
  act(() => server.say(say.state('t1')));
  show(false);
  act(() => clock.advance(GRACE_MS - 1));
  show(true);
  act(() => clock.advance(2 * GRACE_MS));
  expect(server.all('subscribe')).toHaveLength(1);
  expect(server.all('open-text')).toHaveLength(1);
  expect(server.all('unsubscribe')).toEqual([]);
  expect(texts.at(-1)).toBe('connecting');
  show(false);
  act(() => clock.advance(GRACE_MS));
  expect(server.all('unsubscribe')).toHaveLength(1);
  expect(server.all('close-text')).toHaveLength(1);
  expect(reports).toEqual([]);
});

it('[REA1] what is asked for while the page is left is sent all the same', async () => {
  const { weft, server, clock, show, shown } = await showNote();
  act(() => server.say(say.state('t1')));
  const { set } = shown.at(-1)!;
  show(false);
  const asked = set('Plan B');
  act(() => clock.advance(GRACE_MS));
  const { key } = server.take('command');
  server.say(say.changed('t2', { title: 'Plan B' }, key));
  server.say(say.accepted(key, 't2', { title: 'Plan B' }));
  expect(await asked).toMatchObject({ outcome: 'accepted' });
  await expect(set('Plan C')).rejects.toThrow('is closed');
  expect(weft.saveState.peek()).toEqual({ status: 'saved' });
});

it('[REA2] a field is rendered with its pending value, then with the confirmed one, and for nothing else', async () => {
  const { server, shown } = await showNote();
  act(() => server.say(say.state('t1')));
  const before = shown.length;
  act(() => server.say(say.changed('t2', { status: 'done' })));
  let asked: Promise<unknown> | undefined;
  act(() => {
    asked = shown.at(-1)!.set('Plan B');
  });
  const { key } = server.take('command');
  act(() => {
    server.say(say.changed('t3', { title: 'Plan B' }, key));
    server.say(say.accepted(key, 't3', { title: 'Plan B', status: 'done' }));
  });
  await asked;
  expect(shown.slice(before).map(({ value, isPending }) => [value, isPending])).toEqual([
    ['Plan B', true],
    ['Plan B', false],
  ]);
});

it('[REA2] a conflict is given to its field', async () => {
  const { server, shown } = await showNote();
  act(() => server.say(say.state('t1')));
  act(() => void shown.at(-1)!.set('Plan B'));
  const { key } = server.take('command');
  await act(async () => {
    server.say(say.changed('t2', { title: 'Theirs' }));
    server.say(say.conflict(key, 't2', { title: { was: 'Plan', is: 'Theirs', want: 'Plan B' } }));
  });
  expect(shown.at(-1)).toMatchObject({
    value: 'Theirs',
    isPending: false,
    conflict: { fields: [{ field: 'title', is: 'Theirs', want: 'Plan B' }] },
  });
});

/** A page of the note `n1` with a form for its title; `refused` are the values that were refused when it was gone. */
async function showForm() {
  const { weft, server, clock } = createTestClient();
  await server.accept();
  let draft: DraftView<typeof note, 'title'> | undefined;
  const refused: [LateRefusal<typeof note>['outcome'], string][] = [];
  function Title() {
    const title = useDraft(useAggregate(note, 'n1').handle, 'title', {
      onRefused: ({ outcome }, value) => refused.push([outcome, value]),
    });
    useLayoutEffect(() => {
      draft = title;
    });
    return null;
  }
  const { unmount } = render(h(StrictMode, null, h(WeftProvider, { client: weft, clock }, h(Title))));
  act(() => server.say(say.state('t1')));
  return { server, refused, unmount, draft: () => draft! };
}

it('[REA5] a draft that others overtook is a conflict, told at its field, with what its author saw', async () => {
  const { server, draft } = await showForm();
  act(() => draft().edit('Mine'));
  act(() => server.say(say.changed('t2', { title: 'Theirs' })));
  expect(draft().value).toBe('Mine');
  act(() => draft().commit());
  const { key, command } = server.take('command');
  expect(command).toMatchObject({ kind: 'change', token: 't1', seen: { title: 'Plan' } });
  await act(async () =>
    server.say(say.conflict(key, 't2', { title: { was: 'Plan', is: 'Theirs', want: 'Mine' } })),
  );
  expect(draft()).toMatchObject({
    value: 'Theirs',
    isDraft: false,
    conflict: { fields: [{ want: 'Mine' }] },
  });
});

it('[REA5] a value is on display from its commit on, and a draft again when it is refused', async () => {
  const { server, draft } = await showForm();
  act(() => draft().edit('Bad'));
  act(() => draft().commit());
  expect(draft()).toMatchObject({ value: 'Bad', isDraft: false, isPending: true });
  act(() => draft().edit('Good'));
  await act(async () => server.say(say.rejected(server.take('command').key)));
  expect(draft()).toMatchObject({ value: 'Good', isPending: false, rejection: { detail: 'not like this' } });
  act(() => draft().commit());
  expect(server.take('command').command).toMatchObject({ seen: { title: 'Plan' }, token: 't1' });
});

it('[REA5] a value that its definition does not allow stays a draft, and is not sent', async () => {
  const { server, draft } = await showForm();
  act(() => draft().edit(' '));
  await act(async () => draft().commit());
  const errors = [{ path: 'title' }];
  expect(draft()).toMatchObject({ value: ' ', isDraft: true, rejection: { code: 'invalid-fields', errors } });
  expect(server.all('command')).toEqual([]);
});

it('[REA5] a draft whose page and provider are gone is sent all the same', async () => {
  const { server, draft, unmount, refused } = await showForm();
  act(() => draft().edit('Mine'));
  unmount();
  await act(async () => server.say(say.rejected(server.take('command').key)));
  expect(refused).toEqual([['rejected', 'Mine']]);
});
