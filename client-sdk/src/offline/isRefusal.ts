// In private windows, in frames of other sites, and where the person wants nothing to be kept.
const REFUSALS = ['NotSupportedError', 'SecurityError', 'InvalidStateError'];

/** Whether a browser gives no storage by design, rather than because something is wrong. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && REFUSALS.includes(error.name);
}
