// One memo of the server, kept on the device: ?server=http://127.0.0.1:8080&name=Ada
import { createClient } from '@weft/client';
import { indexedDbStorage } from '@weft/client/offline';
import { memo } from './memo.ts';
import type { OfflinePage, TimedTask, ToldOutcome } from './offlinePage.ts';

declare global {
  interface Window {
    offline: OfflinePage;
  }
}

const ASKED_IN_A_TURN = 10;

const query = new URLSearchParams(location.search);
const name = query.get('name') ?? '';
const told: ToldOutcome[] = [];
const reports: OfflinePage['reports'][number][] = [];

const weft = createClient({
  url: query.get('server') ?? '',
  aggregates: [memo],
  token: name,
  storage: indexedDbStorage({ name }),
  onOutcome: ({ key, outcome }) => told.push({ key, outcome: outcome.outcome, by: 'callback' }),
  onReport: ({ kind }) => reports.push(kind),
});

let opened: ReturnType<OfflinePage['open']> | undefined;
const open: OfflinePage['open'] = () => {
  const handle = weft.memo('m1');
  opened ??= { memo: handle, text: handle.text('body') };
  return opened;
};

const tasks: TimedTask[] = [];
const observer = new PerformanceObserver((list) => {
  for (const { entryType, startTime, duration } of list.getEntries()) {
    tasks.push({ kind: entryType as TimedTask['kind'], startMs: startTime, ms: duration });
  }
});
observer.observe({ type: 'longtask', buffered: true });
// The types of the browser's interface do not know the threshold yet.
observer.observe({ type: 'event', buffered: true, durationThreshold: 16 } as PerformanceObserverInit);

const textarea = document.querySelector('textarea');
textarea?.addEventListener('input', () => {
  const { ytext } = open().text;
  ytext.insert(ytext.length, textarea.value.slice(ytext.length));
});

const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

window.offline = {
  weft,
  told,
  reports,
  tasks,
  open,
  change: async (patch) => {
    const asked = await open().memo.change(patch);
    if (asked.outcome !== 'queued') throw new Error(`it was not queued, but ${asked.outcome}`);
    const { key, settled } = asked;
    void settled.then(({ outcome }) => told.push({ key, outcome, by: 'promise' }));
    return key;
  },
  changeMany: async ({ ofOne, others, ofEachOther }) => {
    const answers: Promise<unknown>[] = [];
    for (let at = 1; at <= ofOne; at++) {
      answers.push(open().memo.change({ title: `v${at}` }));
      if (at % ASKED_IN_A_TURN === 0) await nextTurn();
    }
    for (let other = 1; other <= others; other++) {
      const handle = weft.memo(`other${other}`);
      answers.push(handle.create({ title: 'v1' }));
      for (let at = 2; at <= ofEachOther; at++) answers.push(handle.change({ title: `v${at}` }));
      handle.close();
      await nextTurn();
    }
    await Promise.all(answers);
  },
  type: (typed) => {
    const { ytext } = open().text;
    for (const letter of typed) ytext.insert(ytext.length, letter);
  },
  show: () => {
    const state = open().memo.peek();
    return {
      status: state.status,
      freshness: state.freshness,
      fields: state.status === 'existing' ? state.fields : {},
      pending: state.status === 'existing' ? state.pending : [],
      conflicts: state.conflicts.flatMap(({ fields }) =>
        fields.map(({ field, was, is, want }) => ({ field, was, is, want })),
      ),
      text: open().text.ytext.toJSON(),
      saveState: weft.saveState.peek(),
      storage: weft.storage.peek().kind,
      connection: weft.connection.peek().state,
    };
  },
};
