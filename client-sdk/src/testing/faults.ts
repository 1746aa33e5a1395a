import type { Logger } from '@weft/server/testing';
import type { ClientReport } from '../lifecycle/clientReport.ts';

/** What went wrong in a world without anybody waiting for it. */
export type Faults = {
  add(error: unknown): void;
  /** For a client of a person. */
  onReport(name: string): (report: ClientReport) => void;
  /** For the server. */
  readonly logger: Logger;
  /** Throws what went wrong since it was last called. */
  check(): void;
};

export function createFaults(): Faults {
  let errors: unknown[] = [];

  return {
    add: (error) => {
      errors.push(error);
    },
    onReport: (name) => (report) => {
      const cause = 'error' in report ? report.error : undefined;
      const detail = 'detail' in report ? `: ${report.detail}` : toText(cause);
      errors.push(new Error(`the client of ${name} reports ${report.kind}${detail}`, { cause }));
    },
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (fields, message) => {
        const { err } = fields as { readonly err?: unknown };
        errors.push(new Error(`the server: ${message}${toText(err)}`, { cause: err }));
      },
    },
    check: () => {
      const [first, ...more] = errors;
      errors = [];
      if (first === undefined) return;
      if (more.length === 0 && first instanceof Error) throw first;
      const messages = [first, ...more].map(toMessage);
      throw new AggregateError([first, ...more], messages.join('\n'));
    },
  };
}

function toText(error: unknown): string {
  return error === undefined ? '' : `: ${toMessage(error)}`;
}

function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
