import { onTestFinished } from 'vitest';
import type { ClientReport } from '../../../client-sdk/src/lifecycle/clientReport.ts';
import type { ClientStorage, OpenStorage } from '../../../client-sdk/src/storage/clientStorage.ts';

export type TestPage = OpenStorage & { readonly tab: string; readonly reports: readonly ClientReport[] };

/** One device: opens pages on it, which are closed when the test is over. */
export type TestDevice = { readonly open: (tab: string) => Promise<TestPage> };

export function createTestDevice(storage: ClientStorage): TestDevice {
  return {
    open: async (tab) => {
      const reports: ClientReport[] = [];
      const page = await storage.open({ tab, report: (report) => reports.push(report) });
      onTestFinished(() => page.close());
      return Object.assign(page, { tab, reports });
    },
  };
}

export async function collect<Item>(pieces: AsyncIterable<readonly Item[]>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const piece of pieces) items.push(...piece);
  return items;
}
