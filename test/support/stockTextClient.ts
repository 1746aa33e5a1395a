import { onTestFinished } from 'vitest';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { until } from './until.ts';

export type StockTextClient = {
  readonly doc: Y.Doc;
  /** The text under the field's name. */
  readonly text: Y.Text;
  readonly provider: WebsocketProvider;
  /** Waits for the server's whole text; also again after a reconnect. */
  whenSynced(): Promise<void>;
  /** Idempotent. */
  close(): void;
};

export type StockTextClientOptions = {
  /** Default: an id of Yjs' own choice. */
  readonly clientId?: number | undefined;
  /** Who one is. Default: nobody. */
  readonly token?: string | undefined;
};

/**
 * Opens a text as any y-websocket application does, with the provider as it is published.
 *
 * @param url - of the server, `http://…`
 * @param room - `<aggregate>/<id>/<text field>`
 */
export function openStockText(
  url: string,
  room: string,
  { clientId, token }: StockTextClientOptions = {},
): StockTextClient {
  const doc = new Y.Doc();
  if (clientId !== undefined) doc.clientID = clientId;
  const provider = new WebsocketProvider(`${url.replace('http', 'ws')}/yjs`, room, doc, {
    // Clients of one process would else hear each other without the server.
    disableBc: true,
    params: token === undefined ? {} : { token },
  });
  const close = (): void => {
    provider.destroy();
    doc.destroy();
  };
  onTestFinished(close);
  return {
    doc,
    text: doc.getText(room.split('/').at(-1)),
    provider,
    whenSynced: async () => {
      await until(() => provider.synced, { describe: `the sync of ${room}` });
    },
    close,
  };
}
