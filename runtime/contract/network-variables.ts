import { z } from "zod";
import { absolutePath, variable, WORKERS } from "./variable";

/** Address of a proxy, as programs accept it; empty means no proxy. The environment file is stricter. */
const proxyAddress = z.string();

/** Variables for outbound network access: proxies and trusted certificate authorities. */
export const NETWORK_VARIABLES = {
  HTTP_PROXY: variable({
    description: "Proxy for http:// addresses.",
    schema: proxyAddress,
    readers: WORKERS,
    field: "network.http_proxy",
    aliases: ["http_proxy"],
  }),
  HTTPS_PROXY: variable({
    description: "Proxy for https:// addresses.",
    schema: proxyAddress,
    readers: WORKERS,
    field: "network.https_proxy",
    aliases: ["https_proxy"],
  }),
  NO_PROXY: variable({
    description: "Hosts reached without a proxy, separated by commas. The fleet's own services are always among them.",
    schema: z.string(),
    readers: WORKERS,
    field: "network.no_proxy",
    aliases: ["no_proxy"],
  }),
  SSL_CERT_FILE: variable({
    description: "File with all certificate authorities a worker trusts: the image's and those of network.ca_bundle.",
    schema: absolutePath,
    readers: WORKERS,
    field: "network.ca_bundle",
    aliases: ["NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "PIP_CERT"],
  }),
  PROXY_CREDENTIALS: variable({
    description:
      "User and password of the proxies, user:password. Only the worker itself sees them and forwards the requests of agents and tools.",
    schema: z.string().regex(/^[^:\s]+:.+$/, "must be user:password"),
    readers: WORKERS,
    secret: true,
  }),
} as const;

/** Address of the worker's forwarder for agents and tools, when the proxy requires credentials. The port is free in a container. */
export const PROXY_FORWARDER = { host: "127.0.0.1", port: 3128 } as const;

/** Programs use different variables for the same file. */
const AUTHORITY_NAMES = ["SSL_CERT_FILE", ...NETWORK_VARIABLES.SSL_CERT_FILE.aliases];

/** Names of all network variables. None of the values is a secret. */
export const NETWORK_NAMES: readonly string[] = [
  ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].flatMap((name) => [name, name.toLowerCase()]),
  "NODE_USE_ENV_PROXY",
  ...AUTHORITY_NAMES,
  "SSL_CERT_DIR",
];

/** Proxies under every name programs know: git and curl read only http_proxy in lower case, others only in upper case. */
export function proxyVariables(proxies: {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  readonly except: string;
}): Record<string, string> {
  const { http, https, except } = proxies;
  if (http === undefined && https === undefined) return {};
  const named = { HTTP_PROXY: http, HTTPS_PROXY: https, NO_PROXY: except };
  return {
    ...Object.fromEntries(
      Object.entries(named).flatMap(([name, value]) =>
        value === undefined
          ? []
          : [
              [name, value],
              [name.toLowerCase(), value],
            ],
      ),
    ),
    // With this variable Node's own fetch and http use the others, from 22.21 and 24.5 on.
    NODE_USE_ENV_PROXY: "1",
  };
}

/** The path of the file with trusted authorities, under every name programs know. */
export function authorityVariables(file: string): Record<string, string> {
  return Object.fromEntries(AUTHORITY_NAMES.map((name) => [name, file]));
}

/**
 * A proxy's address with its credentials, its own or `user:password`; undefined when it is not an http:// or https://
 * address. Never log it or pass it to another program.
 */
export function proxyWithCredentials(address: string, credentials: string | undefined): URL | undefined {
  if (!/^https?:\/\/./.test(address) || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (credentials !== undefined) {
    const colon = credentials.indexOf(":");
    url.username = encodeURIComponent(credentials.slice(0, colon));
    url.password = encodeURIComponent(credentials.slice(colon + 1));
  }
  return url;
}
