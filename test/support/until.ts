export type UntilOptions = {
  /** What is waited for, for the message when it does not come. */
  readonly describe: string;
  /** Milliseconds. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
};

const POLL_EVERY_MS = 5;

/** Asks again and again until the answer is neither undefined, null nor false, and resolves to it. */
export async function until<Value>(
  ask: () => Value | Promise<Value>,
  { describe, timeoutMs = 10_000 }: UntilOptions,
): Promise<Exclude<Awaited<Value>, undefined | null | false>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) {
      return answer as Exclude<Awaited<Value>, undefined | null | false>;
    }
    if (Date.now() > deadline) throw new Error(`${describe} did not come within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
  }
}
