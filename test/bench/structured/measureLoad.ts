import type { Client } from 'undici';
import { type CpuTime, readCpuTime, readMachineCpuMs, toCpuTimeBetween } from '../support/cpuTime.ts';
import { type Answer, exchange, type Exchange, openConnection } from './exchange.ts';
import type { ServerUnderTest } from '../support/serverUnderTest.ts';

/** What one connection sends, request by request. */
export type Writer = {
  next(): Exchange;
  /** The answer to the last `next`; throws where it is not the one that the bench stands on. */
  take(answer: Answer): void;
};

export type Load = {
  /** Each has a connection, and one request under way on it. */
  readonly writers: readonly Writer[];
  /** When a connection stops: after its current request. */
  readonly until: { readonly seconds: number } | { readonly requestsEach: number };
};

export type Measurement = {
  readonly requests: number;
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
  readonly serverCpuMs: CpuTime;
  /** Of this process. */
  readonly generatorCpuMs: number;
  /** Of the whole machine, whoever used it. */
  readonly machineCpuMs: number;
};

/** Puts a load on a server and measures it, connecting and disconnecting left out. */
export async function measureLoad(server: ServerUnderTest, { writers, until }: Load): Promise<Measurement> {
  const clients = await Promise.all(writers.map(() => openConnection(server.url)));
  const latenciesMs: number[] = [];
  const cpuBefore = readCpuTime(server.pid);
  const generatorBefore = process.cpuUsage();
  const machineBefore = readMachineCpuMs();
  const startedAt = performance.now();
  const isDone = (sent: number) =>
    'seconds' in until ? performance.now() - startedAt >= until.seconds * 1000 : sent >= until.requestsEach;

  async function drive(client: Client, writer: Writer): Promise<void> {
    for (let sent = 0; !isDone(sent); sent += 1) {
      const request = writer.next();
      const sentAt = performance.now();
      const answer = await exchange(client, request);
      latenciesMs.push(performance.now() - sentAt);
      writer.take(answer);
    }
  }

  try {
    await Promise.all(clients.map((client, index) => drive(client, writerAt(writers, index))));
    const seconds = (performance.now() - startedAt) / 1000;
    const generator = process.cpuUsage(generatorBefore);
    return {
      requests: latenciesMs.length,
      seconds,
      latenciesMs,
      serverCpuMs: toCpuTimeBetween(cpuBefore, readCpuTime(server.pid)),
      generatorCpuMs: (generator.user + generator.system) / 1000,
      machineCpuMs: readMachineCpuMs() - machineBefore,
    };
  } finally {
    await Promise.all(clients.map((client) => client.destroy()));
  }
}

function writerAt(writers: readonly Writer[], index: number): Writer {
  const writer = writers[index];
  if (!writer) throw new RangeError('a connection has no writer');
  return writer;
}
