import { createElement, type ReactElement, type ReactNode, useEffect, useState } from 'react';
import { type Clock, systemClock } from '../connection/clock.ts';
import { createKeeper } from './keeper.ts';
import { type AnyClient, type Provided, WeftContext } from './weftContext.ts';

export type WeftProviderProps = {
  /** Stays the application's, which closes it. Another client takes the place of this one without anything else. */
  readonly client: AnyClient;
  readonly children?: ReactNode;
  /** Measures how long something stays open after the last component let go of it. Default: the system's. */
  readonly clock?: Clock | undefined;
};

/** Gives the components below it the client that they read and write by. */
export function WeftProvider({ client, children, clock = systemClock }: WeftProviderProps): ReactElement {
  const [provided, setProvided] = useState(() => provide(client, clock));
  if (provided.client !== client) setProvided(provide(client, clock));
  useEffect(() => attach(provided), [provided]);
  return createElement(WeftContext, { value: provided }, children);
}

function provide(client: AnyClient, clock: Clock): Provided {
  return { client, keeper: createKeeper({ clock, isOver: () => isClosed(client) }) };
}

/** Lets go at once of what is held for nobody, when the client is closed or the provider is gone. */
function attach({ client, keeper }: Provided): () => void {
  const stopListening = client.connection.subscribe(() => {
    if (isClosed(client)) keeper.closeIdle();
  });
  return () => {
    stopListening();
    // The components below it let go in the same turn, and StrictMode takes hold again in it.
    queueMicrotask(() => keeper.closeIdle());
  };
}

function isClosed({ connection }: AnyClient): boolean {
  return connection.peek().state === 'closed';
}
