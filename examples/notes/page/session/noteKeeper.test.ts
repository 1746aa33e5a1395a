import { describe, expect, it } from 'vitest';
import { createStore } from '../store.ts';
import type { NoteFields, NoteState, SaveState } from '../weft.ts';
import { createNoteKeeper } from './noteKeeper.ts';

const FIELDS = {
  title: 'Plan',
  status: 'open',
  priority: 2,
  assignee: null,
  start: null,
  end: null,
  tags: [],
} as const satisfies NoteFields;

function stateOf(saveState: SaveState): NoteState {
  return { status: 'deleted', conflicts: [], saveState };
}

function setUp() {
  const opened: string[] = [];
  const closed: string[] = [];
  const states = createStore(stateOf('saved'));
  const keeper = createNoteKeeper((id) => {
    opened.push(id);
    return { ...states, close: () => closed.push(id) };
  });
  return { opened, closed, states, keeper };
}

describe('noteKeeper', () => {
  it('opens a note once for all who hold it, and closes it after the last one', async () => {
    const { keeper, opened, closed } = setUp();
    const first = keeper.hold('n');
    const second = keeper.hold('n');
    first.release();
    await Promise.resolve();
    expect({ opened, closed }).toEqual({ opened: ['n'], closed: [] });
    second.release();
    await Promise.resolve();
    expect(closed).toEqual(['n']);
    expect(keeper.peek()).toEqual([]);
  });

  it.each(['saving', 'offline'] as const)(
    'keeps a note that nobody holds while it is %s',
    async (unsaved) => {
      const { keeper, closed, states } = setUp();
      const held = keeper.hold('n');
      states.set(stateOf(unsaved));
      held.release();
      await Promise.resolve();
      expect(closed).toEqual([]);
      expect(keeper.peek()).toEqual([{ id: 'n', state: stateOf(unsaved) }]);
      states.set(stateOf('saved'));
      expect(closed).toEqual(['n']);
    },
  );

  it('keeps a note with a text that was refused, unless the note is deleted', async () => {
    const { keeper, closed, states } = setUp();
    const existing = {
      status: 'existing',
      fields: FIELDS,
      confirmed: FIELDS,
      pending: [],
      token: undefined,
    } as const;
    states.set({ ...stateOf('refused'), ...existing });
    keeper.hold('n').release();
    await Promise.resolve();
    expect(closed).toEqual([]);
    states.set(stateOf('refused'));
    expect(closed).toEqual(['n']);
  });

  it('closes a note that was never loaded, whatever the connection', async () => {
    const { keeper, closed, states } = setUp();
    states.set({ ...stateOf('offline'), status: 'loading' });
    keeper.hold('n').release();
    await Promise.resolve();
    expect(closed).toEqual(['n']);
  });

  it('keeps a note for what is written as it is released', async () => {
    const { keeper, closed, states } = setUp();
    keeper.hold('n').release();
    states.set(stateOf('saving'));
    await Promise.resolve();
    expect(closed).toEqual([]);
  });

  it('goes on with a note that is held again before it is saved', async () => {
    const { keeper, opened, closed, states } = setUp();
    const held = keeper.hold('n');
    states.set(stateOf('saving'));
    held.release();
    await Promise.resolve();
    keeper.hold('n');
    states.set(stateOf('saved'));
    expect({ opened, closed }).toEqual({ opened: ['n'], closed: [] });
  });

  it('tells its listeners of every change', () => {
    const { keeper, states } = setUp();
    keeper.hold('n');
    const told: unknown[] = [];
    const stop = keeper.subscribe(() => told.push(keeper.peek()[0]?.state.saveState));
    states.set(stateOf('saving'));
    stop();
    states.set(stateOf('saved'));
    expect(told).toEqual(['saving']);
  });
});
