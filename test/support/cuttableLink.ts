import { onTestFinished } from 'vitest';
import { type CuttableLink, openCuttableLink } from './openCuttableLink.ts';

/** Closed when the test has finished. */
export async function createCuttableLink(serverUrl: string): Promise<CuttableLink> {
  const link = await openCuttableLink(serverUrl);
  onTestFinished(link.close);
  return link;
}
