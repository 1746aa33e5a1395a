import { createClient } from '@weft/client';
import { onTestFinished } from 'vitest';
import { createInMemoryEventStore } from '../../../server/src/event-store/inMemoryEventStore.ts';
import type { StreamName } from '../../../server/src/event-store/eventStore.ts';
import { call } from '../../support/httpClient.ts';
import { startTestServer } from '../../support/testServer.ts';
import { until } from '../../support/until.ts';
import { memo } from './memo.ts';

const FIELDS = 'memo-m1' as StreamName;

/** A server with the memo `m1`, and Ben, who has it open elsewhere and stays online. */
export type Meeting = Awaited<ReturnType<typeof meet>>;

export async function meet(origin: string) {
  const store = createInMemoryEventStore();
  const server = await startTestServer({ aggregates: [memo], store, origins: [origin] });
  const weft = createClient({ url: server.url, aggregates: [memo], token: 'Ben' });
  onTestFinished(() => weft.close());
  const ben = weft.memo('m1');
  await ben.create({ title: 'Plan' });
  const text = ben.text('body');
  await text.whenSynced();
  text.ytext.insert(0, 'Before. ');
  const whenSaved = () =>
    until(() => ben.saveState.status === 'saved' && text.peek().status === 'synced', {
      describe: 'Ben’s work saved',
    });
  await whenSaved();

  return {
    url: server.url,
    ben: { memo: ben, ytext: text.ytext, whenSaved },
    /** The idempotency keys of what was done to the fields after the creation, in order. */
    readKeys: async () => {
      const stream = await store.readStream(FIELDS);
      if (stream.outcome !== 'read') throw new Error(`the memo is ${stream.outcome}`);
      return stream.events.slice(1).map(({ metadata }) => metadata.idempotencyKey);
    },
    readText: async () => (await call(`${server.url}/api/memo/m1/texts/body`, 'GET')).text,
    readFields: async () => (await call(`${server.url}/api/memo/m1`, 'GET')).json?.fields,
  };
}
