// @vitest-environment happy-dom
import { act, cleanup, render } from '@testing-library/react';
import {
  Activity,
  createElement as h,
  type FunctionComponent,
  memo,
  startTransition,
  StrictMode,
  useLayoutEffect,
  useState,
} from 'react';
import { hydrateRoot, type Root } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { AggregateHandle, OpenConflict } from '../index.ts';
import { createFakeClient, existing } from '../testSupport/createFakeClient.ts';
import { createManualClock } from '../testSupport/manualClock.ts';
import { note } from '../testSupport/noteDefinition.ts';
import {
  useAggregate,
  useConflicts,
  useConnection,
  useField,
  useList,
  usePresence,
  useSaveState,
  useStorage,
  useText,
  useWeft,
  WeftProvider,
} from './index.ts';

type Note = typeof note;
type Handle = AggregateHandle<Note>;

const GRACE_MS = 5_000;

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
});
afterEach(cleanup);

function setUp() {
  const fake = createFakeClient();
  const clock = createManualClock();
  const wrap = (...children: React.ReactNode[]) =>
    h(WeftProvider, { client: fake.client, clock }, ...children);
  return { ...fake, clock, wrap };
}

function Title({ id }: { id: string }) {
  const state = useAggregate(note, id);
  return h('p', { 'data-testid': id }, state.status === 'existing' ? state.fields.title : state.status);
}

/** Counts how often it is rendered with what a hook gives it. */
function counting<Value>(useValue: () => Value) {
  const renders: Value[] = [];
  const Counted: FunctionComponent = memo(() => {
    const value = useValue();
    useLayoutEffect(() => {
      renders.push(value);
    });
    return null;
  });
  return { Counted, renders };
}

function titles(): (string | null)[] {
  return [...document.querySelectorAll('p')].map(({ textContent }) => textContent);
}

describe('holding', () => {
  it('[REA1] opens a handle once for all components, and closes it a moment after the last one', () => {
    const { wrap, opened, closed, clock, stateOf } = setUp();
    const { rerender } = render(wrap(h(Title, { id: 'n1', key: 1 }), h(Title, { id: 'n1', key: 2 })));
    expect({ opened, listeners: stateOf('n1').listeners }).toEqual({ opened: ['note/n1'], listeners: 1 });
    rerender(wrap(h(Title, { id: 'n1', key: 2 })));
    act(() => clock.advance(2 * GRACE_MS));
    expect(closed).toEqual([]);
    rerender(wrap());
    act(() => clock.advance(GRACE_MS - 1));
    expect(closed).toEqual([]);
    act(() => clock.advance(1));
    expect({ closed, listeners: stateOf('n1').listeners }).toEqual({ closed: ['note/n1'], listeners: 0 });
  });

  it('[REA1] opens nothing twice where StrictMode mounts twice', () => {
    const { wrap, opened, closed, clock, stateOf } = setUp();
    const { unmount } = render(h(StrictMode, null, wrap(h(Title, { id: 'n1' }))));
    act(() => clock.advance(2 * GRACE_MS));
    expect({ opened, closed, listeners: stateOf('n1').listeners }).toEqual({
      opened: ['note/n1'],
      closed: [],
      listeners: 1,
    });
    unmount();
  });

  it('[REA1] goes on with the handle that is open where a page is left and entered again', () => {
    const { wrap, opened, closed, clock, stateOf } = setUp();
    stateOf('n1').set(existing({ title: 'Plan' }));
    const { rerender } = render(wrap(h(Title, { id: 'n1' })));
    rerender(wrap(h(Title, { id: 'n2' })));
    act(() => clock.advance(GRACE_MS - 1));
    rerender(wrap(h(Title, { id: 'n1' })));
    act(() => clock.advance(2 * GRACE_MS));
    expect({ opened, closed }).toEqual({ opened: ['note/n1', 'note/n2'], closed: ['note/n2'] });
    expect(titles()).toEqual(['Plan']);
  });

  it('[REA1] shows what is open at once, without a render that loads', () => {
    const { wrap, stateOf } = setUp();
    stateOf('n1').set(existing({ title: 'Plan' }));
    const { Counted, renders } = counting(() => useAggregate(note, 'n1').status);
    const { rerender } = render(wrap(h(Title, { id: 'n1' })));
    rerender(wrap(h(Title, { id: 'n1' }), h(Counted)));
    expect(renders).toEqual(['existing']);
  });

  it('[REA1] lets go at once where the provider is gone, and holds no timer', async () => {
    const { wrap, closed, clock } = setUp();
    const { unmount } = render(wrap(h(Title, { id: 'n1' })));
    unmount();
    await Promise.resolve();
    expect({ closed, timers: clock.timers }).toEqual({ closed: ['note/n1'], timers: 0 });
  });

  it('[REA1] holds no timer for a client that is closed, and opens nothing of it', () => {
    const { wrap, opened, clock, close } = setUp();
    const { rerender } = render(wrap(h(Title, { id: 'n1' })));
    rerender(wrap());
    act(() => close());
    expect(clock.timers).toBe(0);
    rerender(wrap(h(Title, { id: 'n2' })));
    expect({ opened, shown: titles() }).toEqual({ opened: ['note/n1'], shown: ['loading'] });
  });

  it('[REA1] goes over to another client, and lets go of the first one at once', async () => {
    const [first, second] = [setUp(), setUp()];
    const { rerender } = render(first.wrap(h(Title, { id: 'n1' })));
    second.stateOf('n1').set(existing({ title: 'Other' }));
    rerender(second.wrap(h(Title, { id: 'n1' })));
    await act(() => Promise.resolve());
    expect(first.closed).toEqual(['note/n1']);
    expect({ opened: second.opened, shown: titles() }).toEqual({ opened: ['note/n1'], shown: ['Other'] });
  });

  it('[REA1] goes on with a new handle for all where the application closed the one that is held', () => {
    const { wrap, openNote, opened, stateOf } = setUp();
    const { rerender } = render(wrap(h(Title, { id: 'n1', key: 1 })));
    act(() => openNote('n1').close());
    rerender(wrap(h(Title, { id: 'n1', key: 1 }), h(Title, { id: 'n1', key: 2 })));
    expect(opened).toEqual(['note/n1', 'note/n1']);
    act(() => stateOf('n1').set(existing({ title: 'Plan' })));
    expect(titles()).toEqual(['Plan', 'Plan']);
  });
});

describe('renders', () => {
  const seen = () => {
    const setting = setUp();
    setting.stateOf('n1').set(existing());
    const handle = setting.openNote('n1');
    return { ...setting, handle };
  };

  it('[REA2] useField renders for its own field alone', () => {
    const { wrap, handle, stateOf } = seen();
    const { Counted, renders } = counting(() => useField(handle, 'title'));
    render(wrap(h(Counted)));
    const show = (...state: Parameters<typeof existing>) => act(() => stateOf('n1').set(existing(...state)));
    show({ status: 'done' });
    show({ status: 'done' }, { pending: ['status'], saveState: { status: 'saving', pending: 1 } });
    expect(renders).toHaveLength(1);
    show({ title: 'Plan' }, { pending: ['title'] });
    show({ title: 'Plan' }, { pending: ['title', 'status'] });
    expect(renders.slice(1)).toMatchObject([{ value: 'Plan', isPending: true }]);
    show({ title: 'Plan' });
    const conflict = { id: 'c', fields: [{ field: 'title' }] } as unknown as OpenConflict<Note>;
    show({ title: 'Plan' }, { conflicts: [conflict] });
    expect(renders.slice(2)).toMatchObject([{ isPending: false }, { conflict }]);
    expect(new Set(renders.map(({ set }) => set)).size).toBe(1);
  });

  it('[REA2] useField does not render for a value that is equal', () => {
    const { wrap, handle, stateOf } = seen();
    act(() => stateOf('n1').set(existing({ tags: ['a'] })));
    const { Counted, renders } = counting(() => useField(handle, 'tags').value);
    render(wrap(h(Counted)));
    act(() => stateOf('n1').set(existing({ tags: ['a'] })));
    expect(renders).toEqual([['a']]);
  });

  it('[REA2] useConflicts and useSaveState render for nothing else', () => {
    const { wrap, handle, stateOf, saveState } = seen();
    const conflicts = counting(() => useConflicts(handle));
    const ofHandle = counting(() => useSaveState(handle).status);
    const ofClient = counting(() => useSaveState().status);
    render(wrap(h(conflicts.Counted), h(ofHandle.Counted), h(ofClient.Counted)));
    act(() => stateOf('n1').set(existing({ title: 'Plan' })));
    act(() =>
      stateOf('n1').set(existing({ title: 'Plan' }, { saveState: { status: 'saving', pending: 1 } })),
    );
    act(() => saveState.set({ status: 'offline', pending: 2 }));
    expect(conflicts.renders).toEqual([[]]);
    expect(ofHandle.renders).toEqual(['saved', 'saving']);
    expect(ofClient.renders).toEqual(['saved', 'offline']);
  });

  it('[REA2] useAggregate gives all components one object, until the state is another', () => {
    const { wrap, stateOf } = seen();
    const [one, other] = [0, 1].map(() => counting(() => useAggregate(note, 'n1')));
    const { rerender } = render(wrap(h(one!.Counted), h(other!.Counted)));
    rerender(wrap(h(one!.Counted), h(other!.Counted)));
    act(() => stateOf('n1').set(existing({ title: 'Plan' })));
    expect(one!.renders.map(({ status }) => status)).toEqual(['loading', 'existing', 'existing']);
    expect(one!.renders.at(-1)).toMatchObject({ fields: { title: 'Plan' }, handle: { id: 'n1' } });
    expect(one!.renders.at(-1)).toBe(other!.renders.at(-1));
  });

  it('[REA2] the list, the connection and the storage are shown, each to those that use it', () => {
    const { wrap, list, connection, storage, opened, closed, clock } = seen();
    const shown = counting(() => [useList(note).items.length, useConnection().state, useStorage().kind]);
    const { rerender } = render(wrap(h(shown.Counted)));
    act(() =>
      list.set({ status: 'ready', freshness: 'live', items: [{ id: 'n1', fields: existing() } as never] }),
    );
    act(() => connection.set({ state: 'offline', retryAt: 0 }));
    act(() => storage.set({ kind: 'memory', reason: 'full', detail: '' }));
    expect(shown.renders.at(-1)).toEqual([1, 'offline', 'memory']);
    rerender(wrap());
    act(() => clock.advance(GRACE_MS));
    expect({ opened, closed }).toEqual({ opened: ['note/n1', 'note'], closed: ['note'] });
  });
});

describe('useField', () => {
  it('sets its field by a change of the handle', async () => {
    const { wrap, openNote, changes } = setUp();
    const handle = openNote('n1');
    const { Counted, renders } = counting(() => useField(handle, 'title'));
    render(wrap(h(Counted)));
    expect(await renders[0]!.set('Plan')).toEqual({ outcome: 'accepted' });
    expect(changes).toEqual([{ title: 'Plan' }]);
  });

  it('answers something neutral without a handle, and rejects to set what is not there', async () => {
    const { wrap } = setUp();
    const { Counted, renders } = counting(() => ({
      field: useField<Note, 'title'>(undefined, 'title'),
      others: [useConflicts(undefined), usePresence(undefined), useSaveState(undefined)],
      text: useText<Note, 'body'>(undefined, 'body').state.status,
    }));
    render(wrap(h(Counted)));
    expect(renders).toMatchObject([
      {
        field: { value: undefined, isPending: false },
        others: [[], [], { status: 'saved' }],
        text: 'connecting',
      },
    ]);
    await expect(renders[0]!.field.set('Plan')).rejects.toThrow('no handle');
  });
});

describe('useText', () => {
  function Body({ handle }: { handle: Handle | undefined }) {
    const { text, state, reopen } = useText(handle, 'body');
    return h('button', { onClick: reopen, 'data-open': text !== undefined }, state.status);
  }
  function Page() {
    return h(Body, { handle: useAggregate(note, 'n1').handle });
  }

  it('[REA1] opens a text once, and closes it with the last component', () => {
    const { wrap, opened, closed, clock } = setUp();
    const { rerender } = render(h(StrictMode, null, wrap(h(Page, { key: 1 }), h(Page, { key: 2 }))));
    expect(opened).toEqual(['note/n1', 'note/n1/body']);
    rerender(h(StrictMode, null, wrap()));
    act(() => clock.advance(GRACE_MS));
    expect(closed.toSorted()).toEqual(['note/n1', 'note/n1/body']);
  });

  it('[REA1] others see at once that the last component left its text, and that somebody is back in it', async () => {
    const { wrap, openNote, closed } = setUp();
    const { rerender } = render(h(StrictMode, null, wrap(h(Page, { key: 1 }), h(Page, { key: 2 }))));
    const { awareness } = openNote('n1').text('body');
    const set = vi.spyOn(awareness, 'setLocalState');
    const show = (...children: React.ReactNode[]) =>
      act(async () => rerender(h(StrictMode, null, wrap(...children))));
    await show(h(Page, { key: 2 }));
    await show(h(Page, { key: 3 }));
    expect(set).not.toHaveBeenCalled();
    await show();
    expect(awareness.getLocalState()).toBeNull();
    await show(h(Page, { key: 4 }));
    expect(awareness.getLocalState()).toEqual({ user: { name: 'Ada' }, cursor: null });
    expect(set).toHaveBeenCalledTimes(2);
    expect(closed).toEqual([]);
  });

  it('[REA1] lets go of what is hidden for long, and opens it anew where it is shown again', () => {
    const { wrap, opened, clock, stateOf } = setUp();
    stateOf('n1').set(existing());
    const page = (mode: 'hidden' | 'visible') => wrap(h(Activity, { mode, children: h(Page) }));
    const { rerender, getByRole } = render(page('visible'));
    rerender(page('hidden'));
    act(() => clock.advance(GRACE_MS));
    rerender(page('visible'));
    expect(opened).toEqual(['note/n1', 'note/n1/body', 'note/n1', 'note/n1/body']);
    expect(getByRole('button').dataset.open).toBe('true');
  });

  it('goes on with a new text for all components where the server closed the one before', () => {
    const { wrap, opened, closed, textOf } = setUp();
    const { getAllByRole } = render(wrap(h(Page, { key: 1 }), h(Page, { key: 2 })));
    const saveState = { status: 'saved' } as const;
    act(() => textOf('n1').set({ status: 'closed', code: 4409, reason: 'replaced', saveState, epoch: '1' }));
    const buttons = () => getAllByRole('button').map(({ textContent }) => textContent);
    expect(buttons()).toEqual(['closed', 'closed']);
    textOf('n1').setQuietly({ status: 'synced', saveState, epoch: '2' });
    act(() => getAllByRole('button')[0]!.click());
    expect(buttons()).toEqual(['synced', 'synced']);
    expect(closed).toEqual(['note/n1/body']);
    expect(opened).toEqual(['note/n1', 'note/n1/body', 'note/n1/body']);
  });
});

describe('on a server', () => {
  function Everything() {
    const state = useAggregate(note, 'n1');
    const { value } = useField(state.handle, 'title');
    const { text } = useText(state.handle, 'body');
    const lists = [useList(note).status, useConnection().state, useStorage().kind, useSaveState().status];
    return h('p', null, [state.status, value ?? '-', text ? 'text' : '-', ...lists].join(' '));
  }
  const FROM_SERVER = '<p>loading - - loading connecting durable saved</p>';

  it('[REA3] answers loading and opens nothing', () => {
    const { wrap, opened, stateOf, list } = setUp();
    stateOf('n1').set(existing());
    expect(renderToString(wrap(h(Everything)))).toBe(FROM_SERVER);
    expect({ opened, listeners: [stateOf('n1').listeners, list.listeners] }).toEqual({
      opened: [],
      listeners: [0, 0],
    });
  });

  it('[REA3] a page that came from a server is hydrated with what it has, and then shows what there is', () => {
    const { wrap, opened, stateOf } = setUp();
    stateOf('n1').set(existing({ title: 'Plan' }));
    const container = document.createElement('div');
    container.innerHTML = FROM_SERVER;
    const errors: unknown[] = [];
    let root: Root | undefined;
    act(() => {
      root = hydrateRoot(container, wrap(h(Everything)), {
        onRecoverableError: (error) => errors.push(error),
      });
    });
    onTestFinished(() => act(() => root?.unmount()));
    expect(errors).toEqual([]);
    expect(container.textContent).toBe('existing Plan text ready connecting durable saved');
    expect(opened).toEqual(['note/n1', 'note', 'note/n1/body']);
  });
});

it('[REA4] a transition that a change comes in between shows one state in all components', () => {
  const { wrap, stateOf } = setUp();
  stateOf('n1').set(existing({ title: 'before' }));
  const shown: string[][] = [];
  const after = existing({ title: 'after' });
  /** Stands for a change that comes while React renders piece by piece; listeners hear of it when React has yielded. */
  function Interrupt() {
    stateOf('n1').setQuietly(after);
    return null;
  }
  let open: (isOpen: boolean) => void;
  function Page() {
    const [isOpen, setOpen] = useState(false);
    open = setOpen;
    useLayoutEffect(() => {
      shown.push(titles() as string[]);
    });
    if (!isOpen) return h(Title, { id: 'n1' });
    return [h(Title, { id: 'n1', key: 1 }), h(Interrupt, { key: 2 }), h(Title, { id: 'n1', key: 3 })];
  }
  render(wrap(h(Page)));
  act(() => startTransition(() => open(true)));
  act(() => stateOf('n1').set(after));
  expect(titles()).toEqual(['after', 'after']);
  expect(shown.map((together) => new Set(together).size)).toEqual(shown.map(() => 1));
});

it('useWeft gives the client, and says what is missing where there is none', () => {
  const { wrap, client } = setUp();
  const { Counted, renders } = counting(() => useWeft());
  render(wrap(h(Counted)));
  expect(renders).toEqual([client]);
  vi.spyOn(console, 'error').mockReturnValue();
  expect(() => render(h(Counted))).toThrow('no WeftProvider');
});
