import { output } from "../command";
import type { FleetSurroundings } from "../fleet-surroundings";
import { startInterceptingProxy } from "../intercepting-proxy";
import type { InterceptingProxy, InterceptingProxyOptions } from "../intercepting-proxy";
import type { BrokenWorker } from "./broken-worker";

/** Proxies in this process, which containers reach at the gateway of their network. */
const proxies = new Map<string, { readonly proxy: InterceptingProxy; readonly address: string }>();

async function openProxy(name: string, surroundings: FleetSurroundings, options: Omit<InterceptingProxyOptions, "host">): Promise<void> {
  const gateway = await output("docker", ["network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", surroundings.network]);
  const port = proxies.get(name)?.proxy.port ?? 0;
  await proxies.get(name)?.proxy.close();
  const proxy = await startInterceptingProxy({ ...options, host: "0.0.0.0", port });
  proxies.set(name, { proxy, address: `http://${gateway.trim()}:${proxy.port}` });
}

async function closeProxy(name: string): Promise<void> {
  await proxies.get(name)?.proxy.close();
  proxies.delete(name);
}

/** Faults of outbound network access: proxies and trusted authorities. */
export const BROKEN_NETWORKS: readonly BrokenWorker[] = [
  {
    broken: "the file of NODE_EXTRA_CA_CERTS does not exist",
    shows: 78,
    red: { "network.authorities": /correct network\.ca_bundle/ },
    change: (definition) => definition.env.push("NODE_EXTRA_CA_CERTS=/nowhere/ca-bundle.pem"),
  },
  {
    broken: "the proxy is unreachable",
    variables: { FLEET_WAIT_TIMEOUT: "3s" },
    shows: 69,
    red: { "network.proxy": /start the proxy, or correct network\.https_proxy/ },
    change: (definition) => definition.env.push("HTTPS_PROXY=http://127.0.0.1:9"),
  },
  {
    broken: "the proxy requires user and password",
    spoil: (surroundings) => openProxy("asking", surroundings, { origins: {}, credentials: "planted:proxy" }),
    change: (definition) => definition.env.push(`HTTPS_PROXY=${proxies.get("asking")!.address}`),
    shows: 78,
    red: { "network.proxy": /set network\.proxy_credentials = true .*codex-fleet secrets set test proxy_credentials/ },
    mend: (surroundings, lane) =>
      surroundings
        .hand(
          lane,
          "printf planted:proxy > secrets/proxy_credentials; chown 1000:1000 secrets/proxy_credentials; chmod 0400 secrets/proxy_credentials",
        )
        .then(() => undefined),
  },
  {
    broken: "the proxy terminates TLS with an authority that the worker does not trust",
    spoil: (surroundings) => openProxy("intercepting", surroundings, { origins: { "api.github.com": "http://127.0.0.1:9" } }),
    change: (definition) => definition.env.push(`HTTPS_PROXY=${proxies.get("intercepting")!.address}`),
    shows: 78,
    red: { "network.proxy": /set network\.ca_bundle in the environment file to a PEM file with its authority's certificate/ },
    mend: (surroundings) => openProxy("intercepting", surroundings, { origins: {} }),
  },
];

/** Closes the proxies. */
export async function closeBrokenNetworks(): Promise<void> {
  await Promise.all([...proxies.keys()].map(closeProxy));
}
