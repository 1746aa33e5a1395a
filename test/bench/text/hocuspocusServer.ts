import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

// Hocuspocus with what its own SQLite extension does, by its statements; that one needs a driver which its package
// does not bring but fetches or compiles.
type Hocuspocus = {
  readonly Server: new (configuration: object) => {
    listen(): Promise<unknown>;
    readonly address: { readonly port: number };
  };
};
type Persistence = {
  readonly Database: new (configuration: {
    readonly fetch: (of: { readonly documentName: string }) => Promise<Uint8Array | null>;
    readonly store: (of: { readonly documentName: string; readonly state: Uint8Array }) => Promise<void>;
  }) => object;
};

const [peers = '', path = ''] = process.argv.slice(2);
const requirePeer = createRequire(join(peers, 'package.json'));
const { Server } = requirePeer('@hocuspocus/server') as Hocuspocus;
const { Database } = requirePeer('@hocuspocus/extension-database') as Persistence;

const database = new DatabaseSync(path);
database.exec(
  'CREATE TABLE IF NOT EXISTS "documents" ("name" varchar(255) NOT NULL, "data" blob NOT NULL, UNIQUE(name))',
);
const select = database.prepare('SELECT data FROM "documents" WHERE name = $name ORDER BY rowid DESC');
const upsert = database.prepare(
  'INSERT INTO "documents" ("name", "data") VALUES ($name, $data) ON CONFLICT(name) DO UPDATE SET data = $data',
);

const server = new Server({
  port: 0,
  address: '127.0.0.1',
  quiet: true,
  // It hangs up on clients that say nothing for a minute. Real ones tell of their cursors, these only type.
  timeout: 3_600_000,
  extensions: [
    new Database({
      fetch: async ({ documentName }) => {
        const row = select.get({ name: documentName }) as { data: Uint8Array } | undefined;
        return row?.data ?? null;
      },
      store: async ({ documentName, state }) => {
        upsert.run({ name: documentName, data: state });
      },
    }),
  ],
});
await server.listen();
console.log(`Hocuspocus is listening on http://127.0.0.1:${server.address.port}`);
