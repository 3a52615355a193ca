import { createServer } from "node:net";
import type { AddressInfo } from "node:net";

/** A TCP port of the loopback interface that nobody listens on right now. */
export async function freePort(): Promise<number> {
  return (await listenOnce(0))!;
}

/** Whether a port of the loopback interface can be listened on. */
export async function isFree(port: number, host = "127.0.0.1"): Promise<boolean> {
  return (await listenOnce(port, host)) !== undefined;
}

async function listenOnce(port: number, host = "127.0.0.1"): Promise<number | undefined> {
  const server = createServer();
  const listens = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, host, () => resolve(true));
  });
  if (!listens) return undefined;
  const { port: got } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return got;
}
