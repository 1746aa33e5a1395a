import { call } from './httpClient.ts';

/** Bytes of memory that the server's process holds now, as it says itself. */
export async function readResidentMemory(serverUrl: string): Promise<number> {
  const { text } = await call(`${serverUrl}/metrics`, 'GET');
  const bytes = /^process_resident_memory_bytes (\S+)/m.exec(text)?.[1];
  if (bytes === undefined) throw new Error('the server does not tell how much memory it holds');
  return Number(bytes);
}
