import { z } from 'zod';

const settingsSchema = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port number')
    .transform(Number)
    .pipe(z.int().max(65_535))
    .default(8080),
  HOST: z.string().min(1).default('127.0.0.1'),
  WEFT_STORE: z
    .string()
    .regex(/^(sqlite:.+|memory:)$/, 'must be sqlite:<path> or memory:')
    .default('sqlite:./data/weft.db'),
  WEFT_ORIGINS: z
    .string()
    .default('')
    .transform((list) => list.split(',').flatMap((origin) => origin.trim() || []))
    .pipe(z.array(z.url({ protocol: /^https?$/ }))),
  WEFT_AUTH: z.enum(['none', 'jwt']).optional(),
  WEFT_JWKS: z.url({ protocol: /^https?$/ }).optional(),
  WEFT_JWT_SECRET: z.string().min(32).optional(),
  WEFT_LOG: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type Identity =
  | { readonly kind: 'none' }
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'jwks'; readonly url: URL };

export type Settings = {
  readonly port: number;
  readonly host: string;
  readonly store: string;
  readonly origins: readonly string[];
  readonly identity: Identity;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
};

export type ParsedSettings =
  { readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly error: string };

/** Reads the environment. An unknown `WEFT_` setting is an error, for it is most likely misspelt. */
export function parseSettings(environment: Readonly<Record<string, string | undefined>>): ParsedSettings {
  const unknown = Object.keys(environment).find(
    (name) => name.startsWith('WEFT_') && !Object.hasOwn(settingsSchema.shape, name),
  );
  if (unknown !== undefined) return { ok: false, error: `there is no setting ${unknown}` };
  const parsed = settingsSchema.safeParse(environment);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return {
      ok: false,
      error: `${issue?.path[0]?.toString() ?? 'a setting'}: ${issue?.message ?? 'is malformed'}`,
    };
  }
  const { PORT, HOST, WEFT_STORE, WEFT_ORIGINS, WEFT_LOG } = parsed.data;
  const identity = toIdentity(parsed.data);
  if (typeof identity === 'string') return { ok: false, error: identity };
  return {
    ok: true,
    settings: {
      port: PORT,
      host: HOST,
      store: WEFT_STORE,
      origins: WEFT_ORIGINS,
      identity,
      logLevel: WEFT_LOG,
    },
  };
}

function toIdentity(settings: z.infer<typeof settingsSchema>): Identity | string {
  const { HOST, WEFT_AUTH, WEFT_JWKS, WEFT_JWT_SECRET } = settings;
  if (WEFT_AUTH !== 'jwt') {
    if (WEFT_JWKS !== undefined || WEFT_JWT_SECRET !== undefined)
      return 'WEFT_JWKS and WEFT_JWT_SECRET need WEFT_AUTH=jwt';
    if (WEFT_AUTH === undefined && !isLoopback(HOST)) {
      return `anyone who reaches ${HOST} could use any name; set WEFT_AUTH=jwt, or WEFT_AUTH=none if that is meant`;
    }
    return { kind: 'none' };
  }
  if (WEFT_JWKS !== undefined && WEFT_JWT_SECRET === undefined)
    return { kind: 'jwks', url: new URL(WEFT_JWKS) };
  if (WEFT_JWT_SECRET !== undefined && WEFT_JWKS === undefined)
    return { kind: 'secret', secret: WEFT_JWT_SECRET };
  return 'WEFT_AUTH=jwt needs WEFT_JWKS or WEFT_JWT_SECRET, one of them';
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
