import { readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:tls";
import { AGENTS, ExitCode, proxyWithCredentials, readCertificates, readConfiguration } from "../contract";
import { failed, ok, unavailable, warning } from "./check";
import type { Check, Outcome, PreflightContext } from "./check";
import { NotYetError, waitFor } from "./wait-for";

/** Time limit for an answer of a proxy or of a host behind it, in milliseconds. */
const PATIENCE = 15_000;

/** Without the authority, every call through a proxy that terminates TLS fails, each with a different message. */
export const authoritiesCheck: Check = {
  id: "network.authorities",
  what: "SSL_CERT_FILE, the file with trusted certificate authorities, can be read and holds certificates",
  workers: AGENTS,
  refuses: [ExitCode.CONFIGURATION],
  fix: "correct `network.ca_bundle`, then `codex-fleet up`",
  run: async ({ config: { SSL_CERT_FILE: file } }) => {
    if (file === undefined) return ok("no file is set: the image's own authorities are used", "nothing");
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => error);
    return judgeAuthorities(file, text);
  },
};

export function judgeAuthorities(file: string, text: string | NodeJS.ErrnoException): Outcome {
  const expected = `certificates in ${file}`;
  const fix = "correct network.ca_bundle in the environment file, then codex-fleet up";
  if (typeof text !== "string") return failed(`${file} cannot be read (${text.code ?? text.message})`, expected, fix);
  try {
    return ok(`${readCertificates(text).length} certificates in ${file}`, expected);
  } catch (error) {
    return failed(`${file} ${(error as Error).message}`, expected, fix);
  }
}

/** Waits for an unreachable proxy like for broker and database, so that no run fails because of it. */
export const proxyCheck: Check = {
  id: "network.proxy",
  what: "the proxies of HTTPS_PROXY and HTTP_PROXY answer, accept this worker, and certificates behind them are trusted; waits for them",
  workers: AGENTS,
  refuses: [ExitCode.UNAVAILABLE, ExitCode.CONFIGURATION],
  fix: "start the proxy or correct `network.https_proxy` (69); store `proxy_credentials`, or set `network.ca_bundle` to the proxy's authority (78)",
  run: async (context) => {
    const { HTTPS_PROXY: https, HTTP_PROXY: http, FLEET_ENVIRONMENT: environmentName } = context.config;
    const { PROXY_CREDENTIALS: credentials } = readConfiguration(["PROXY_CREDENTIALS"], context.environment, context.secrets);
    const addresses = [...new Set([https, http])].filter((address): address is string => Boolean(address));
    if (addresses.length === 0) return ok("no proxy is set", "nothing");
    const outcomes: Outcome[] = [];
    for (const address of addresses) {
      const proxy = proxyWithCredentials(address, credentials);
      const target = address === https ? probedHost(context) : undefined;
      const seen = proxy === undefined ? undefined : await lookPatiently(proxy, target, context.waiting);
      outcomes.push(judgeProxy({ address, target, environmentName, withCredentials: Boolean(proxy?.username) }, seen));
    }
    const worst = (["failed", "unavailable", "warning"] as const).flatMap((status) => outcomes.filter((each) => each.status === status))[0];
    return worst ?? ok(outcomes.map(({ found }) => found).join("; "), outcomes[0]!.expected);
  },
};

/** Result of a connection through a proxy. */
export type ProxySighting =
  | { readonly kind: "away"; readonly reason: string }
  /** The proxy answered with a status other than 2xx. */
  | { readonly kind: "refused"; readonly status: number }
  /** The host's certificate, as seen through the proxy, is not trusted. */
  | { readonly kind: "distrusted"; readonly reason: string }
  /** The tunnel broke before the host answered. */
  | { readonly kind: "broken"; readonly reason: string }
  | { readonly kind: "passed" };

interface ProbedProxy {
  readonly address: string;
  /** The requested `host:port`; undefined when this worker reaches every host without the proxy. */
  readonly target: string | undefined;
  readonly environmentName: string;
  readonly withCredentials: boolean;
}

/** @param seen Undefined when the address cannot be checked. */
export function judgeProxy({ address, target, environmentName, withCredentials }: ProbedProxy, seen: ProxySighting | undefined): Outcome {
  const proxy = address.replace(/\/\/[^/]*@/, "//***@");
  const expected = `${proxy} answers${target === undefined ? "" : `, with a trusted way to ${target}`}`;
  switch (seen?.kind) {
    case undefined:
      return warning(`${proxy} is not an http:// or https:// address, so it was not checked`, expected, "write it as http://host:port");
    case "passed":
      return ok(target === undefined ? `${proxy} answers` : `${target} through ${proxy}`, expected);
    case "away":
      return unavailable(
        `${proxy} does not answer: ${seen.reason}`,
        expected,
        "start the proxy, or correct network.https_proxy and network.http_proxy in the environment file, then codex-fleet up",
      );
    case "distrusted":
      return failed(
        `the certificate ${proxy} shows for ${target} is not trusted: ${seen.reason}`,
        expected,
        "the proxy terminates TLS: set network.ca_bundle in the environment file to a PEM file with its authority's certificate, then codex-fleet up",
      );
    case "broken":
      return warning(
        `${target} did not answer through ${proxy}: ${seen.reason}`,
        expected,
        `check that ${target} is up and that the proxy can reach it`,
      );
    case "refused":
      if (seen.status !== 407) {
        return warning(
          `${proxy} answered ${seen.status} to a tunnel to ${target}`,
          expected,
          `let the proxy allow ${target}, or add the host to network.no_proxy if it can be reached without the proxy`,
        );
      }
      return failed(
        `${proxy} ${withCredentials ? "refuses the credentials" : "asks for user and password"} (407)`,
        expected,
        `${withCredentials ? "" : "set network.proxy_credentials = true in the environment file, "}codex-fleet secrets set ${environmentName} proxy_credentials (user:password), then codex-fleet up`,
      );
  }
}

/** The first https host this worker needs and reaches through the proxy. */
function probedHost({ worker, config }: Pick<PreflightContext, "worker" | "config">): string | undefined {
  const { SPEC_WORKFLOW_GITHUB_API_URL: api, SPEC_WORKFLOW_GITHUB_GIT_URL: git, CODEX_PROVIDER_URL: codex } = config;
  const gemini = config.GOOGLE_GEMINI_BASE_URL ?? "https://generativelanguage.googleapis.com";
  const addresses = worker === "gemini" ? [gemini] : [api, git, ...(codex === undefined ? [] : [codex])];
  const urls = addresses.filter((address) => /^https:\/\//.test(address)).map((address) => new URL(address));
  const found = urls.find(({ hostname }) => !isExcepted(hostname, config.NO_PROXY ?? ""));
  return found === undefined ? undefined : `${found.hostname}:${found.port || 443}`;
}

/** Whether NO_PROXY contains a host or its domain. */
export function isExcepted(host: string, exceptions: string): boolean {
  return exceptions
    .split(/[\s,]+/)
    .map((entry) => entry.replace(/^\*?\./, "").replace(/:\d+$/, ""))
    .some((entry) => entry === "*" || (entry !== "" && (host === entry || host.endsWith(`.${entry}`))));
}

async function lookPatiently(proxy: URL, target: string | undefined, waiting: AbortSignal): Promise<ProxySighting> {
  let seen: ProxySighting;
  try {
    return await waitFor(async () => {
      seen = await lookThroughProxy(proxy, target);
      if (seen.kind === "away") throw new NotYetError(seen.reason);
      return seen;
    }, waiting);
  } catch (error) {
    if (error instanceof NotYetError) return seen!;
    throw error;
  }
}

/** Opens a tunnel through a proxy and a TLS connection to the host behind it; without a target it only asks the proxy. */
export function lookThroughProxy(proxy: URL, target: string | undefined): Promise<ProxySighting> {
  return new Promise((resolve) => {
    const secure = proxy.protocol === "https:";
    const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
    const request = (secure ? httpsRequest : httpRequest)({
      host: proxy.hostname.replace(/^\[|\]$/g, ""),
      port: proxy.port || (secure ? 443 : 80),
      agent: false,
      timeout: PATIENCE,
      ...(target === undefined ? { method: "OPTIONS", path: "*" } : { method: "CONNECT", path: target }),
      headers: {
        ...(target === undefined ? {} : { host: target }),
        ...(proxy.username === "" ? {} : { "proxy-authorization": `Basic ${Buffer.from(credentials).toString("base64")}` }),
      },
    });
    const away = (error: NodeJS.ErrnoException) => resolve({ kind: "away", reason: error.code ?? error.message });
    request.on("error", away).on("timeout", () => request.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)));
    request.on("response", (response) => {
      response.resume();
      request.destroy();
      resolve({ kind: "passed" });
    });
    request.on("connect", ({ statusCode = 0 }, socket) => {
      if (statusCode < 200 || statusCode > 299) {
        socket.destroy();
        resolve({ kind: "refused", status: statusCode });
        return;
      }
      const servername = target!.replace(/:\d+$/, "");
      const host = connect({ socket, servername }, () => {
        host.destroy();
        resolve({ kind: "passed" });
      });
      host.setTimeout(PATIENCE, () => host.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)));
      host.on("error", (error: NodeJS.ErrnoException) => {
        const reason = error.code ?? error.message;
        resolve({ kind: /CERT|VERIFY|SIGNED|SIGNATURE|ISSUER|ALTNAME/.test(reason) ? "distrusted" : "broken", reason });
      });
    });
    request.end();
  });
}
