// Tests across processes: an engine's address comes in; another address goes out that leads there, until it is broken.

import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

export type Route = {
  /** The engine's address, with this route's host and port in place of its own. */
  readonly url: string;
  /** Ends every connection and refuses new ones, as an engine that was killed does. */
  break(): Promise<void>;
  mend(): Promise<void>;
};

/**
 * For engines whose clients keep to the address they were given. Kafka's do not: its brokers tell them where to connect.
 */
export async function openRoute(url: string): Promise<Route> {
  const { hostname, port } = new URL(url);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const engine = connect(Number(port), hostname);
    for (const [from, to] of [
      [client, engine],
      [engine, client],
    ] as const) {
      open.add(from);
      // An engine that ends a connection is the program's to notice, on its own end.
      from.on('error', () => to.destroy()).on('close', () => open.delete(from) && to.destroy());
      from.pipe(to);
    }
  });
  await listen(server, 0);
  const address = server.address() as AddressInfo;
  const routed = new URL(url);
  routed.host = `127.0.0.1:${address.port}`;
  return {
    url: routed.href,
    async break() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
    mend: () => listen(server, address.port),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
}
