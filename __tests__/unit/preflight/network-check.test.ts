import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { rootCertificates } from "node:tls";
import { judgeAuthorities, judgeProxy, isExcepted, lookThroughProxy, proxyCheck } from "../../../runtime/preflight/network-check";
import type { ProxySighting } from "../../../runtime/preflight/network-check";
import { startInterceptingProxy } from "../../support/intercepting-proxy";
import { contextOf } from "./context";

describe("network.authorities", () => {
  test.each([
    [`${rootCertificates[0]}\n${rootCertificates[1]}\n${rootCertificates[0]}\n`, "ok", "2 certificates in /ca.pem"],
    ["", "failed", "/ca.pem must hold certificates in PEM form (-----BEGIN CERTIFICATE-----), but holds none"],
    [Object.assign(new Error("no"), { code: "EACCES" }), "failed", "/ca.pem cannot be read (EACCES)"],
  ])("%#", (text, status, found) => {
    expect(judgeAuthorities("/ca.pem", text)).toMatchObject({ status, found });
  });
});

describe("network.proxy", () => {
  const probed = {
    address: "http://user:s3cret@proxy.example:3128",
    target: "api.github.com:443",
    environmentName: "prod",
    withCredentials: false,
  };
  const expected = "http://***@proxy.example:3128 answers, with a trusted way to api.github.com:443";

  test.each<[seen: ProxySighting | undefined, withCredentials: boolean, status: string, found: string, fix: string]>([
    [{ kind: "passed" }, false, "ok", "api.github.com:443 through http://***@proxy.example:3128", ""],
    [
      { kind: "away", reason: "ECONNREFUSED" },
      false,
      "unavailable",
      "http://***@proxy.example:3128 does not answer: ECONNREFUSED",
      "start the proxy, or correct network.https_proxy and network.http_proxy in the environment file, then codex-fleet up",
    ],
    [
      { kind: "refused", status: 407 },
      false,
      "failed",
      "http://***@proxy.example:3128 asks for user and password (407)",
      "set network.proxy_credentials = true in the environment file, codex-fleet secrets set prod proxy_credentials (user:password), then codex-fleet up",
    ],
    [
      { kind: "refused", status: 407 },
      true,
      "failed",
      "http://***@proxy.example:3128 refuses the credentials (407)",
      "codex-fleet secrets set prod proxy_credentials (user:password), then codex-fleet up",
    ],
    [
      { kind: "refused", status: 403 },
      false,
      "warning",
      "http://***@proxy.example:3128 answered 403 to a tunnel to api.github.com:443",
      "let the proxy allow api.github.com:443, or add the host to network.no_proxy if it can be reached without the proxy",
    ],
    [
      { kind: "distrusted", reason: "SELF_SIGNED_CERT_IN_CHAIN" },
      false,
      "failed",
      "the certificate http://***@proxy.example:3128 shows for api.github.com:443 is not trusted: SELF_SIGNED_CERT_IN_CHAIN",
      "the proxy terminates TLS: set network.ca_bundle in the environment file to a PEM file with its authority's certificate, then codex-fleet up",
    ],
    [
      { kind: "broken", reason: "ECONNRESET" },
      false,
      "warning",
      "api.github.com:443 did not answer through http://***@proxy.example:3128: ECONNRESET",
      "check that api.github.com:443 is up and that the proxy can reach it",
    ],
    [
      undefined,
      false,
      "warning",
      "http://***@proxy.example:3128 is not an http:// or https:// address, so it was not checked",
      "write it as http://host:port",
    ],
  ])("%j, with credentials: %s", (seen, withCredentials, status, found, fix) => {
    expect(judgeProxy({ ...probed, withCredentials }, seen)).toEqual({ status, found, expected, fix });
  });

  test.each([
    ["api.github.com", "", false],
    ["api.github.com", "github.com", true],
    ["api.github.com", ".github.com, intern", true],
    ["notgithub.com", "github.com", false],
    ["github.com", "github.com:443", true],
    ["github.com", "*", true],
  ])("%s with NO_PROXY=%s is reached without a proxy: %s", (host, exceptions, excepted) => {
    expect(isExcepted(host, exceptions)).toBe(excepted);
  });

  test("looks at a proxy", async () => {
    const proxy = await startInterceptingProxy({ origins: { "known.test": "http://127.0.0.1:9" }, credentials: "me:p@ss" });
    const plain = createServer((_, response) => response.writeHead(400).end());
    await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
    const at = (port: number, login = "") => new URL(`http://${login}127.0.0.1:${port}`);
    try {
      expect(await lookThroughProxy(at(proxy.port), "known.test:443")).toEqual({ kind: "refused", status: 407 });
      expect(await lookThroughProxy(at(proxy.port, "me:p%40ss@"), "unknown.test:443")).toEqual({ kind: "refused", status: 403 });
      expect(await lookThroughProxy(at(proxy.port, "me:p%40ss@"), "known.test:443")).toEqual({
        kind: "distrusted",
        reason: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      });
      expect(await lookThroughProxy(at((plain.address() as AddressInfo).port), undefined)).toEqual({ kind: "passed" });
      await proxy.close();
      expect(await lookThroughProxy(at(proxy.port), "known.test:443")).toEqual({ kind: "away", reason: "ECONNREFUSED" });
    } finally {
      plain.close();
    }
  });

  test.each([
    [{}, "ok", "no proxy is set"],
    [{ HTTPS_PROXY: "http://127.0.0.1:9" }, "unavailable", "http://127.0.0.1:9 does not answer: ECONNREFUSED"],
    [{ http_proxy: "http://127.0.0.1:9", NO_PROXY: "github.com" }, "unavailable", "http://127.0.0.1:9 does not answer: ECONNREFUSED"],
  ])("%j", async (environment, status, found) => {
    expect(await proxyCheck.run(contextOf(environment))).toMatchObject({ status, found });
  });
});
