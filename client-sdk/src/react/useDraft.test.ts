// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render } from '@testing-library/react';
import { Activity, createElement as h, StrictMode, useLayoutEffect } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AggregateHandle, ChangeResult, HandleState, OpenConflict, SettledResult } from '../index.ts';
import { createFakeClient, existing } from '../testSupport/createFakeClient.ts';
import type { note } from '../testSupport/noteDefinition.ts';
import { type DraftOptions, type DraftView, useDraft } from './index.ts';

type Note = typeof note;
type Handle = AggregateHandle<Note>;
type Options = DraftOptions<Note, 'title'>;
type View = DraftView<Note, 'title'>;

const REJECTED = { outcome: 'rejected', code: 'invalid-fields', detail: 'not like this' } as const;
const CONFLICT = {
  outcome: 'conflict',
  conflict: { id: 'c', fields: [] } as unknown as OpenConflict<Note>,
} as const;
const ACCEPTED = { outcome: 'accepted' } as SettledResult<Note>;

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
});
afterEach(cleanup);

/** A note whose changes wait until the test answers them. */
function createNote(id = 'n1') {
  const { openNote, stateOf } = createFakeClient();
  const state = stateOf(id);
  state.set(existing());
  const asked: { patch: unknown; seen: HandleState<Note> | undefined }[] = [];
  const answers: ((result: ChangeResult<Note>) => void)[] = [];
  const handle: Handle = {
    ...openNote(id),
    change: (patch, { seen } = {}) => {
      asked.push({ patch, seen });
      return new Promise((resolve) => answers.push(resolve));
    },
  };
  return {
    handle,
    asked,
    listeners: () => state.listeners,
    titles: () => asked.map(({ patch }) => (patch as { title: string }).title),
    show: (fields: Parameters<typeof existing>[0], more?: Parameters<typeof existing>[1]) =>
      act(() => state.set(existing(fields, more))),
    answer: (result: ChangeResult<Note>, at = answers.length - 1) => act(async () => answers[at]!(result)),
  };
}

/** The input of the manual, and every view of it that was rendered. */
function setUp(options: Options = {}) {
  const note = createNote();
  const views: View[] = [];
  function Title({ handle }: { handle: Handle | undefined }) {
    const title = useDraft(handle, 'title', options);
    useLayoutEffect(() => {
      views.push(title);
    }, [title]);
    return h('input', {
      value: title.value ?? '',
      onChange: ({ target }: React.ChangeEvent<HTMLInputElement>) => title.edit(target.value),
      onBlur: title.commit,
    });
  }
  const page = (handle: Handle | undefined = note.handle) => h(StrictMode, null, h(Title, { handle }));
  const { rerender, unmount, getByRole } = render(page());
  const input = () => getByRole('textbox') as HTMLInputElement;
  return {
    ...note,
    Title,
    views,
    view: () => views.at(-1)!,
    rerender,
    page,
    unmount,
    shown: () => input().value,
    type: (value: string) => fireEvent.change(input(), { target: { value } }),
    leaveInput: () => fireEvent.blur(input()),
  };
}

describe('a draft', () => {
  it('[REA5] is judged by what was on display when it was begun, whatever has come meanwhile', () => {
    const { handle, show, type, leaveInput, asked, shown } = setUp();
    const seen = handle.peek();
    type('M');
    show({ title: 'Theirs' });
    type('Mine');
    expect(shown()).toBe('Mine');
    leaveInput();
    expect(asked).toEqual([{ patch: { title: 'Mine' }, seen }]);
    expect(shown()).toBe('Theirs');
  });

  it('[REA5] is begun anew after it was committed or reverted', () => {
    const { handle, show, type, leaveInput, asked, view } = setUp();
    type('Mine');
    leaveInput();
    show({ title: 'Mine' });
    type('Dropped');
    act(() => view().revert());
    show({ title: 'Theirs' });
    const seen = handle.peek();
    type('Mine again');
    leaveInput();
    expect(asked[1]).toEqual({ patch: { title: 'Mine again' }, seen });
  });

  it('[REA5] asks for nothing where it says what was seen, and shows what is there then', () => {
    const { show, type, leaveInput, asked, shown, view } = setUp();
    type('Mine');
    expect(view().isDraft).toBe(true);
    show({ title: 'Theirs' });
    type('Plan');
    expect(view()).toMatchObject({ isDraft: false, value: 'Plan' });
    leaveInput();
    leaveInput();
    expect({ asked, shown: shown() }).toEqual({ asked: [], shown: 'Theirs' });
  });

  it('[REA5] of a choice is asked for at once, judged by what was seen when it was begun', async () => {
    const { handle, show, asked, answer, view } = setUp();
    const first = handle.peek();
    let result: Promise<unknown> | undefined;
    act(() => view().edit('Plan'));
    show({ title: 'Theirs' });
    act(() => {
      result = view().set('Mine');
    });
    await answer(ACCEPTED);
    expect(await result).toEqual(ACCEPTED);
    const second = handle.peek();
    act(() => void view().set('Mine too'));
    expect(asked).toEqual([
      { patch: { title: 'Mine' }, seen: first },
      { patch: { title: 'Mine too' }, seen: second },
    ]);
    await act(async () => expect(await view().set('Theirs')).toEqual({ outcome: 'nothing' }));
  });

  it('[REA5] is committed as it is, where it is edited and committed in one turn', () => {
    const { titles, view } = setUp();
    act(() => {
      view().edit('Mine');
      view().commit();
    });
    expect(titles()).toEqual(['Mine']);
  });
});

describe('a refusal', () => {
  it('[REA5] gives the draft back, to be mended and judged as before', async () => {
    const { handle, show, type, leaveInput, asked, answer, shown, view } = setUp();
    const seen = handle.peek();
    type('Bad');
    leaveInput();
    await answer(REJECTED);
    expect(shown()).toBe('Bad');
    expect(view()).toMatchObject({ isDraft: true, rejection: REJECTED });
    show({ title: 'Theirs' });
    type('Good');
    expect(view().rejection).toBe(REJECTED);
    leaveInput();
    expect(view().rejection).toBeUndefined();
    expect(asked[1]).toEqual({ patch: { title: 'Good' }, seen });
  });

  it('[REA5] of what was queued is known when it was sent', async () => {
    const { type, leaveInput, answer, shown, view } = setUp();
    type('Bad');
    leaveInput();
    let settle: ((result: SettledResult<Note>) => void) | undefined;
    const settled = new Promise<SettledResult<Note>>((resolve) => (settle = resolve));
    await answer({ outcome: 'queued', key: 'k', settled });
    expect({ shown: shown(), rejection: view().rejection }).toEqual({ shown: 'Plan', rejection: undefined });
    await act(async () => settle!(REJECTED));
    expect({ shown: shown(), rejection: view().rejection }).toEqual({ shown: 'Bad', rejection: REJECTED });
  });

  it('[REA5] leaves a newer draft alone, which is judged by what was seen before the refused value', async () => {
    const { handle, show, type, leaveInput, asked, answer, shown } = setUp();
    const seen = handle.peek();
    type('Bad');
    leaveInput();
    show({ title: 'Bad' }, { pending: ['title'] });
    type('Good');
    show({ title: 'Plan' });
    await answer(REJECTED);
    expect(shown()).toBe('Good');
    leaveInput();
    expect(asked[1]).toEqual({ patch: { title: 'Good' }, seen });
  });

  it('[REA5] of a value that another one was committed over is not brought back', async () => {
    const { show, type, leaveInput, answer, shown, view } = setUp();
    type('Bad');
    leaveInput();
    show({ title: 'Bad' }, { pending: ['title'] });
    type('Good');
    leaveInput();
    show({ title: 'Good' }, { pending: ['title'] });
    await answer(REJECTED, 0);
    expect({ shown: shown(), rejection: view().rejection }).toEqual({ shown: 'Good', rejection: undefined });
  });

  it('[REA5] is forgotten with the draft', async () => {
    const { type, leaveInput, answer, shown, view } = setUp();
    type('Bad');
    leaveInput();
    await answer(REJECTED);
    act(() => view().revert());
    expect({ shown: shown(), rejection: view().rejection }).toEqual({ shown: 'Plan', rejection: undefined });
  });
});

describe('leaving', () => {
  it('[REA5] commits the draft, once, in StrictMode as well', () => {
    const { handle, show, type, unmount, asked, listeners } = setUp();
    const seen = handle.peek();
    type('Mine');
    show({ title: 'Theirs' });
    unmount();
    expect(asked).toEqual([{ patch: { title: 'Mine' }, seen }]);
    expect(listeners()).toBe(0);
  });

  it('[REA5] drops the draft where the caller says so', () => {
    const { type, unmount, asked } = setUp({ onLeave: 'drop' });
    type('Mine');
    unmount();
    expect(asked).toEqual([]);
  });

  it('[REA5] commits the draft where the component goes over to another note', () => {
    const { type, rerender, page, titles, shown, leaveInput } = setUp();
    const other = createNote('n2');
    other.show({ title: 'Other' });
    type('Mine');
    rerender(page(other.handle));
    expect({ titles: titles(), shown: shown() }).toEqual({ titles: ['Mine'], shown: 'Other' });
    leaveInput();
    expect(other.asked).toEqual([]);
  });

  it('[REA5] commits the draft where the component is hidden, and none where it is shown again', () => {
    const { Title, handle, titles, show, rerender, views } = setUp();
    const page = (mode: 'hidden' | 'visible') => h(Activity, { mode, children: h(Title, { handle }) });
    rerender(page('visible'));
    act(() => views.at(-1)!.edit('Mine'));
    rerender(page('hidden'));
    show({ title: 'Mine' });
    rerender(page('visible'));
    rerender(page('hidden'));
    expect(titles()).toEqual(['Mine']);
  });

  it.each([
    ['conflict', CONFLICT],
    ['rejection', REJECTED],
  ])('[REA5] tells of a %s that comes after it, with the value', async (_name, refusal) => {
    const onRefused = vi.fn();
    const { type, unmount, answer } = setUp({ onRefused });
    type('Bad');
    unmount();
    await answer(refusal);
    expect(onRefused.mock.calls).toEqual([[refusal, 'Bad']]);
  });

  it('[REA5] tells the page of a rejection that comes after it and that nobody asked to be told of', async () => {
    const reported: unknown[] = [];
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error));
    const { type, unmount, answer } = setUp();
    type('Bad');
    unmount();
    await answer(REJECTED);
    expect(reported).toEqual([new Error("weft: the last value of 'title' was refused: not like this")]);
  });

  it('[REA5] tells nobody of what is shown', async () => {
    const onRefused = vi.fn();
    const { type, leaveInput, answer, unmount } = setUp({ onRefused });
    type('Bad');
    leaveInput();
    await answer(REJECTED);
    type('Plan');
    unmount();
    expect(onRefused).not.toHaveBeenCalled();
  });
});

describe('rendering', () => {
  it('[REA2] renders for its own field and its own draft alone, and not for what a draft hides', () => {
    const { show, type, views, asked } = setUp();
    const before = views.length;
    show({ title: 'Plan', status: 'done' });
    expect(views.length).toBe(before);
    type('Mine');
    show({ title: 'Theirs', status: 'done' });
    show({ title: 'Theirs', status: 'open' });
    expect(views.slice(before).map(({ value, isDraft }) => [value, isDraft])).toEqual([['Mine', true]]);
    expect(new Set(views.map(({ commit }) => commit)).size).toBe(1);
    expect(asked).toEqual([]);
  });

  it('answers something neutral without a handle, and rejects to set what is not there', async () => {
    const views: View[] = [];
    function Title({ handle }: { handle: Handle | undefined }) {
      const title = useDraft(handle, 'title');
      useLayoutEffect(() => {
        views.push(title);
      });
      return title.value ?? '-';
    }
    const { rerender, unmount } = render(h(Title, { handle: undefined }));
    act(() => {
      views[0]!.edit('Mine');
      views[0]!.commit();
    });
    expect(views).toMatchObject([{ value: undefined, isDraft: false, rejection: undefined }]);
    await expect(views[0]!.set('Mine')).rejects.toThrow('no handle');
    const { handle, asked } = createNote();
    rerender(h(Title, { handle }));
    expect(views.at(-1)).toMatchObject({ value: 'Plan', isDraft: false });
    unmount();
    expect(asked).toEqual([]);
    expect(renderToString(h(Title, { handle }))).toBe('-');
  });
});
