import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server that can be cut, as a network is: what is under way is lost, and nobody gets through. */
export type CuttableLink = {
  /** Of the server, by this way. */
  readonly url: string;
  cut(): void;
  mend(): void;
};

/** Whoever opens it closes it. */
export async function openCuttableLink(serverUrl: string): Promise<CuttableLink & { close(): void }> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let isCut = false;

  function watch(socket: Socket): Socket {
    sockets.add(socket);
    // A link that breaks is what this is for.
    socket.on('error', () => undefined);
    return socket.on('close', () => sockets.delete(socket));
  }

  function destroyAll(): void {
    for (const socket of [...sockets]) socket.destroy();
  }

  const link = createServer((near) => {
    if (isCut) return near.destroy();
    const far = watch(connect(Number(port), hostname));
    watch(near).on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  link.listen(0, '127.0.0.1');
  await once(link, 'listening');
  return {
    url: `http://127.0.0.1:${(link.address() as AddressInfo).port}`,
    cut: () => {
      isCut = true;
      destroyAll();
    },
    mend: () => {
      isCut = false;
    },
    close: () => {
      link.close();
      destroyAll();
    },
  };
}
