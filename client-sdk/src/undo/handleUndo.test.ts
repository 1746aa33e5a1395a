import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { FieldValues } from '../../protocol/outcome.ts';
import { createTestClient, say } from '../testSupport/createTestClient.ts';
import { JOIN_TIME } from './history.ts';

/** A note that the server knows, at token t1, whose body is open. */
async function openNote() {
  const client = createTestClient();
  await client.server.accept();
  const handle = client.weft.note('n1');
  client.server.say(say.state('t1'));
  const body = handle.text('body');
  return { ...client, handle, body, rename: createRename(client, handle), ...createAnswers(client) };
}

type Client = ReturnType<typeof createTestClient>;
type Handle = ReturnType<Client['weft']['note']>;

/** Changes the title in a step of its own. */
function createRename({ clock }: Client, handle: Handle) {
  return (title: string) => {
    clock.advance(JOIN_TIME);
    return handle.change({ title });
  };
}

/** Plays a server of one person: whatever is asked for is accepted. */
function createAnswers({ server }: Client) {
  let version = 1;
  let fields: FieldValues = {};

  function isAsked(): boolean {
    const { messages } = server.socket;
    return messages.filter(({ type }) => type === 'command').length > version - 1;
  }

  /** Accepts the oldest command that is not answered. */
  function accept(): void {
    const { key, command } = server.take('command');
    const patch = command.kind === 'change' ? command.patch : {};
    fields = { ...fields, ...patch };
    const token = `t${++version}`;
    server.say(say.changed(token, patch, key));
    server.say(say.accepted(key, token, fields));
  }

  function acceptAll(): void {
    while (isAsked()) accept();
  }

  return { acceptAll };
}

/** A title, and the body. */
function show({ handle, body }: { handle: Handle; body: ReturnType<Handle['text']> }): string {
  return `${handle.fields.title}: ${'ytext' in body ? body.ytext.toJSON() : ''}`;
}

it('[UND1] takes back and does again over fields and texts, in the order in which it was done', async () => {
  const note = await openNote();
  const { handle, body, rename } = note;
  void rename('A');
  body.ytext.insert(0, 'one');
  void rename('B');
  body.undo.stopCapturing();
  body.ytext.insert(3, ' two');
  const shown = [show(note)];
  const outcomes: Promise<{ outcome: string }>[] = [];
  for (let step = 0; step < 4; step++) {
    outcomes.push(handle.undo());
    shown.push(show(note));
  }
  expect(shown).toEqual(['B: one two', 'B: one', 'A: one', 'A: ', 'Plan: ']);
  await expect(handle.undo()).resolves.toEqual({ outcome: 'nothing' });
  for (let step = 0; step < 4; step++) {
    outcomes.push(handle.redo());
    expect(show(note)).toBe(shown.at(-2 - step));
  }
  await expect(handle.redo()).resolves.toEqual({ outcome: 'nothing' });
  note.acceptAll();
  const [text, fields] = [
    { outcome: 'text', field: 'body' },
    expect.objectContaining({ outcome: 'accepted' }),
  ];
  await expect(Promise.all(outcomes)).resolves.toEqual(
    [text, fields, text, fields].concat([fields, text, fields, text]),
  );
  expect(show(note)).toBe('B: one two');
});

it('[UND1] says in its state whether there is something to take back or to do again', async () => {
  const { handle, body, rename } = await openNote();
  const told: unknown[] = [];
  handle.subscribe(() => told.push([handle.peek().canUndo, handle.peek().canRedo]));
  expect(handle.peek()).toMatchObject({ canUndo: false, canRedo: false });
  void rename('A');
  expect(told.at(-1)).toEqual([true, false]);
  void handle.undo();
  expect(told.at(-1)).toEqual([false, true]);
  body.ytext.insert(0, 'one');
  expect(told.at(-1)).toEqual([true, false]);
});

it('[UND1] takes text that was typed around a change of fields as two steps, however fast that was', async () => {
  const note = await openNote();
  const { handle, body } = note;
  body.ytext.insert(0, 'one');
  void note.rename('A');
  body.ytext.insert(3, ' two');
  void handle.undo();
  expect(show(note)).toBe('A: one');
  void handle.undo();
  expect(show(note)).toBe('Plan: one');
});

it('[UND1] goes on behind what an editor has taken back by itself', async () => {
  const note = await openNote();
  const { handle, body, rename } = note;
  void rename('A');
  body.ytext.insert(0, 'one');
  body.undo.undo();
  expect(show(note)).toBe('A: ');
  expect(handle.peek()).toMatchObject({ canUndo: true, canRedo: true });
  void handle.undo();
  expect(show(note)).toBe('Plan: ');
  void handle.redo();
  void handle.redo();
  expect(show(note)).toBe('A: one');
});

it('[UND1] has nothing of a text to take back whose steps an editor has cleared', async () => {
  const note = await openNote();
  note.body.ytext.insert(0, 'one');
  note.body.undo.clear();
  expect(note.handle.peek()).toMatchObject({ canUndo: false, canRedo: false });
});

it('[UND2] is in conflict where somebody has changed what is taken back', async () => {
  const { server, handle, rename } = await openNote();
  void rename('A');
  const { key } = server.take('command');
  server.say(say.changed('t2', { title: 'A' }, key));
  server.say(say.accepted(key, 't2', { title: 'A' }));
  server.say(say.changed('t3', { title: 'B' }));
  const undone = handle.undo();
  const taken = server.take('command');
  expect(taken.command).toMatchObject({ kind: 'change', patch: { title: 'Plan' }, seen: { title: 'A' } });
  server.say(say.conflict(taken.key, 't3', { title: { was: 'A', is: 'B', want: 'Plan' } }));
  const result = await undone;
  expect(result).toMatchObject({
    outcome: 'conflict',
    conflict: { fields: [{ field: 'title', was: 'A', is: 'B', want: 'Plan' }] },
  });
  expect(handle.fields.title).toBe('B');
  expect(handle.conflicts).toHaveLength(1);
});

it('[UND2] can be tried again where it was refused', async () => {
  const { server, handle, rename, acceptAll } = await openNote();
  void rename('A');
  acceptAll();
  const undone = handle.undo();
  server.say(say.rejected(server.take('command').key));
  await expect(undone).resolves.toMatchObject({ outcome: 'rejected' });
  expect(handle.fields.title).toBe('A');
  expect(handle.peek()).toMatchObject({ canUndo: true, canRedo: false });
});

it('[UND2] can be tried again where it was asked for offline and is refused later', async () => {
  const { server, clock, handle, rename, acceptAll } = await openNote();
  void rename('A');
  acceptAll();
  server.lose();
  const undone = await handle.undo();
  expect(undone).toMatchObject({ outcome: 'queued' });
  expect(handle.fields.title).toBe('Plan');
  clock.advance(15_000);
  await server.accept({ attempt: 2 });
  server.say(say.unchanged('t2'));
  server.say(say.rejected(server.take('command').key));
  if (undone.outcome === 'queued') await undone.settled;
  await vi.waitFor(() => expect(handle.peek()).toMatchObject({ canUndo: true, canRedo: false }));
});

it('[UND1] takes text that was typed around another text as two steps, however fast that was', async () => {
  const note = await openNote();
  const { handle, body } = note;
  const summary = handle.text('summary');
  body.ytext.insert(0, 'one');
  summary.ytext.insert(0, 'short');
  body.ytext.insert(3, ' two');
  void handle.undo();
  expect([body.ytext.toJSON(), summary.ytext.toJSON()]).toEqual(['one', 'short']);
  void handle.undo();
  expect([body.ytext.toJSON(), summary.ytext.toJSON()]).toEqual(['one', '']);
});

it('[UND1] passes over a step of a text of which nothing is left to take back', async () => {
  const note = await openNote();
  const { handle, body, rename } = note;
  void rename('A');
  body.ytext.insert(0, 'one');
  // As where somebody else has erased what was typed.
  body.doc.transact((transaction) => {
    transaction.local = false;
    body.ytext.delete(0, 3);
  });
  void handle.undo();
  expect(show(note)).toBe('Plan: ');
  expect(handle.peek()).toMatchObject({ canUndo: false, canRedo: true });
  void handle.redo();
  expect(show(note)).toBe('A: ');
  expect(handle.peek()).toMatchObject({ canUndo: true, canRedo: false });
});

it('[UND1] does not take back a change of what was not known yet', async () => {
  const { server, weft } = createTestClient();
  await server.accept();
  const handle = weft.note('n1');
  void handle.change({ title: 'A' });
  server.say(say.state('t1'));
  expect(handle.peek()).toMatchObject({ status: 'existing', canUndo: false });
});

it.each(['rejected', 'conflict'] as const)(
  '[UND1] does not take back what was never done: %s',
  async (outcome) => {
    const { server, handle, rename } = await openNote();
    const renamed = rename('A');
    const { key } = server.take('command');
    expect(handle.peek().canUndo).toBe(true);
    if (outcome === 'rejected') server.say(say.rejected(key));
    else server.say(say.conflict(key, 't2', { title: { was: 'Plan', is: 'B', want: 'A' } }));
    await expect(renamed).resolves.toMatchObject({ outcome });
    expect(handle.peek()).toMatchObject({ canUndo: false, canRedo: false });
  },
);

// A failure prints its counterexample; WEFT_SEED, which the run prints, repeats it.
const times = Number(process.env.WEFT_PROPERTY_RUNS ?? 1);
const settings = { seed: Number(process.env.WEFT_SEED ?? 1), numRuns: 40 * times };

type Step = 'rename' | 'remark' | 'type' | 'erase' | 'undo' | 'redo' | 'accept' | 'others';

const step = fc.constantFrom<Step>(
  ...(['rename', 'remark', 'type', 'erase', 'accept', 'others'] as const),
  ...(['undo', 'undo', 'undo', 'redo', 'redo'] as const),
);

type Display = { readonly title: string; readonly remark: string; readonly body: string };

/** Does a step, and says what is to be on display then; undefined where nothing was done. */
function act(step: Exclude<Step, 'undo' | 'redo'>, at: number, page: Page): Display | undefined {
  const { handle, body, clock, acceptAll, server, shown } = page;
  // Each is a step of its own; what belongs together is tested elsewhere.
  body.undo.stopCapturing();
  clock.advance(JOIN_TIME);
  if (server.all('ping').length > page.pings) server.say({ type: 'pong' });
  page.pings = server.all('ping').length;
  switch (step) {
    case 'rename':
      void handle.change({ title: `title ${at}` });
      return { ...shown, title: `title ${at}` };
    case 'remark':
      void handle.change({ remark: `remark ${at}` });
      return { ...shown, remark: `remark ${at}` };
    case 'type':
      body.ytext.insert(0, `${at} `);
      return { ...shown, body: `${at} ${shown.body}` };
    case 'erase':
      if (shown.body === '') return undefined;
      body.ytext.delete(0, 1);
      return { ...shown, body: shown.body.slice(1) };
    case 'accept':
      acceptAll();
      return undefined;
    case 'others':
      server.say(say.changed(`o${at}`, { tags: [`${at}`] }));
      return undefined;
  }
}

type Page = Awaited<ReturnType<typeof openNote>> & { shown: Display; pings: number };

it(
  '[UND1] [UND2] shows what was shown before, whatever is done, taken back and done again',
  async () => {
    let redone = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        const start: Display = { title: 'Plan', remark: '', body: '' };
        const page: Page = { ...(await openNote()), shown: start, pings: 0 };
        const { handle, body, weft } = page;
        const asked: Promise<{ outcome: string }>[] = [];
        let timeline = [start];
        let cursor = 0;
        for (const [at, step] of steps.entries()) {
          if (step === 'undo' || step === 'redo') {
            asked.push(handle[step]());
            const before = cursor;
            cursor = step === 'undo' ? Math.max(cursor - 1, 0) : Math.min(cursor + 1, timeline.length - 1);
            if (step === 'redo' && cursor > before) redone++;
          } else {
            const next = act(step, at, page);
            if (next) timeline = [...timeline.slice(0, ++cursor), next];
          }
          page.shown = timeline[cursor]!;
          const { title, remark } = handle.fields;
          expect({ title, remark, body: body.ytext.toJSON() }).toEqual(page.shown);
          expect(handle.peek()).toMatchObject({ canUndo: cursor > 0, canRedo: cursor < timeline.length - 1 });
        }
        page.acceptAll();
        const outcomes = new Set((await Promise.all(asked)).map(({ outcome }) => outcome));
        expect([...outcomes].filter((outcome) => !['accepted', 'text', 'nothing'].includes(outcome))).toEqual(
          [],
        );
        expect(handle.fields).toMatchObject({ title: page.shown.title, remark: page.shown.remark });
        await weft.close();
      }),
      settings,
    );
    expect(redone).toBeGreaterThan(settings.numRuns / 4);
  },
  5_000 * times,
);
