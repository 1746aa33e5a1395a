type Log = (fields: object, message: string) => void;

/** Where the server reports what it does; pino fits it. Errors go in as `{ err }`. Never given a token. */
export type Logger = {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
};

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
