import type { Logger } from '../../lifecycle/logger.ts';

export type LoggedMessage = { readonly level: keyof Logger; readonly message: string };

export function createRecordingLogger(): {
  readonly logger: Logger;
  readonly logged: readonly LoggedMessage[];
} {
  const logged: LoggedMessage[] = [];
  const log = (level: keyof Logger) => (_fields: object, message: string) => {
    logged.push({ level, message });
  };
  return {
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    logged,
  };
}
