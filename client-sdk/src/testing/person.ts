import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { ClientOptions } from '../clientOptions.ts';
import { type Client, createClient } from '../createClient.ts';
import type { WebSocketLike } from '../connection/webSocketLike.ts';
import type { ClientStorage } from '../storage/clientStorage.ts';
import type { Device } from './device.ts';
import { nextTurn } from './eventLoop.ts';

/** Somebody in a world, with a page open that has a client. */
export type Person<Definitions extends readonly AggregateDefinition[]> = {
  readonly name: string;
  /** The client of the page as it is now: another one after `restart`. */
  readonly weft: Client<Definitions>;
  /** Cuts off every page of this device: what is under way is lost, and nobody gets through. Idempotent. */
  goOffline(): void;
  /** The network is back, as a browser tells its pages: they try at once. Idempotent. */
  goOnline(): void;
  /** A network so slow that nothing gets through, either way, until `release`. It loses nothing. Idempotent. */
  hold(): void;
  release(): void;
  /**
   * The page is reloaded, as soon as what it does at this moment is done: its client is gone, without a word to anybody, and a
   * new one begins with what the device kept. Handles of before are closed. Resolves to the new client.
   */
  restart(): Promise<Client<Definitions>>;
  /** A second page of the same person on the same device: one network, one storage. */
  openTab(): Person<Definitions>;
};

/**
 * What of a client's options a test may choose. Defaults are those of `createClient`, but for three: `token` is the person's
 * name, `storage` is the device's, in memory, and without an `onReport` every report makes `settle`, and the end of the
 * world, fail.
 */
export type PersonOptions<Definitions extends readonly AggregateDefinition[]> = Partial<
  Omit<ClientOptions<Definitions>, 'url' | 'aggregates' | 'createSocket' | 'clock' | 'random'>
>;

export type PersonSetup<Definitions extends readonly AggregateDefinition[]> = {
  readonly name: string;
  readonly device: Device;
  readonly client: Omit<ClientOptions<Definitions>, 'createSocket'>;
  /** Called at the end of the world. */
  readonly atEnd: (close: () => Promise<void>) => void;
  /** What the world waits for before it settles, and answers for. */
  readonly track: (promise: Promise<void>) => void;
};

/** Opens a page. */
export function openPage<const Definitions extends readonly AggregateDefinition[]>(
  setup: PersonSetup<Definitions>,
): Person<Definitions> {
  const { name, device, client } = setup;
  let socket: WebSocketLike | undefined;
  let tab: string | undefined;
  // A test may bring a storage of its own, which then outlives the page as well as it can.
  const storage: ClientStorage = client.storage ?? {
    open: (options) => {
      ({ tab } = options);
      return device.storage.open(options);
    },
  };
  let weft = openClient();
  setup.atEnd(() => weft.close());
  device.onBack(() => {
    const { state } = weft.connection.peek();
    if (state === 'offline' || state === 'connecting') weft.connection.reconnect();
  });

  function openClient(): Client<Definitions> {
    return createClient({
      ...client,
      storage,
      createSocket: () => (socket = device.createSocket()),
    });
  }

  return {
    name,
    get weft() {
      return weft;
    },
    goOffline: device.goOffline,
    goOnline: device.goOnline,
    hold: device.hold,
    release: device.release,
    restart: async () => {
      await new Promise<void>(nextTurn);
      // Before the client can take leave of anybody, or keep anything more.
      socket?.close();
      if (tab !== undefined) device.storage.crash(tab);
      setup.track(weft.close());
      weft = openClient();
      return weft;
    },
    openTab: () => openPage(setup),
  };
}
