import { NETWORK_VARIABLES, PROXY_FORWARDER, proxyWithCredentials } from "../contract";

/** Addresses of proxies with their credentials. They never leave this process. */
export interface ProxiesWithCredentials {
  readonly HTTP_PROXY?: string;
  readonly HTTPS_PROXY?: string;
}

/** The proxies of an environment with their credentials, or undefined when none has credentials. */
export function proxiesWithCredentials(
  environment: Readonly<Record<string, string | undefined>>,
  credentials: string | undefined,
): ProxiesWithCredentials | undefined {
  const found = (["HTTP_PROXY", "HTTPS_PROXY"] as const).flatMap((name) => {
    const address = [name, ...NETWORK_VARIABLES[name].aliases].map((key) => environment[key]).find(Boolean);
    const full = address === undefined ? undefined : proxyWithCredentials(address, credentials);
    return full === undefined ? [] : [[name, full] as const];
  });
  return found.some(([, { username }]) => username !== "") ? Object.fromEntries(found.map(([name, { href }]) => [name, href])) : undefined;
}

/** A local proxy that forwards the requests of this worker's programs with the credentials, which no other program sees. */
export interface ProxyForwarder {
  /** Variables for the worker's processes, with the forwarder's address instead of the proxies'. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function startProxyForwarder(proxies: ProxiesWithCredentials, port: number = PROXY_FORWARDER.port): Promise<ProxyForwarder> {
  const { Server } = await import("proxy-chain");
  const { HTTP_PROXY: http, HTTPS_PROXY: https } = proxies;
  const upstream = (isHttp: boolean) => (isHttp ? (http ?? https)! : (https ?? http)!);
  const listen = async (on: number) => {
    const server = new Server({
      host: PROXY_FORWARDER.host,
      port: on,
      prepareRequestFunction: ({ isHttp }) => ({ requestAuthentication: false, upstreamProxyUrl: upstream(isHttp) }),
    });
    await server.listen();
    return server;
  };
  // Without containers, two workers on one machine cannot both use the port.
  const server = await listen(port).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE") throw error;
    return listen(0);
  });
  const address = `http://${PROXY_FORWARDER.host}:${server.port}`;
  return {
    environment: Object.fromEntries(
      (["HTTP_PROXY", "HTTPS_PROXY"] as const)
        .filter((name) => proxies[name] !== undefined)
        .flatMap((name) => [name, ...NETWORK_VARIABLES[name].aliases].map((key) => [key, address])),
    ),
    close: () => server.close(true),
  };
}
