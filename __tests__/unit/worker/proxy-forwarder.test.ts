import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { proxiesWithCredentials, startProxyForwarder } from "../../../runtime/worker/proxy-forwarder";
import { startInterceptingProxy } from "../../support/intercepting-proxy";

test.each([
  [{}, "me:secret", undefined],
  [{ HTTPS_PROXY: "http://proxy:3128" }, undefined, undefined],
  [{ HTTPS_PROXY: "", http_proxy: "" }, "me:secret", undefined],
  [{ HTTPS_PROXY: "http://proxy:3128" }, "me:a:b@c", { HTTPS_PROXY: "http://me:a%3Ab%40c@proxy:3128/" }],
  [{ http_proxy: "http://own:login@proxy:3128" }, undefined, { HTTP_PROXY: "http://own:login@proxy:3128/" }],
])("of %j with %s", (environment, credentials, proxies) => {
  expect(proxiesWithCredentials(environment, credentials)).toEqual(proxies);
});

test("requests to the forwarder reach the proxy with the credentials", async () => {
  const origin = createServer((_, response) => response.end("from the origin"));
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
  const origins = { "known.test": `http://127.0.0.1:${(origin.address() as AddressInfo).port}` };
  const proxy = await startInterceptingProxy({ origins, credentials: "me:a:b@c" });
  const proxies = proxiesWithCredentials({ HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }, "me:a:b@c")!;
  const forwarder = await startProxyForwarder(proxies, 0);
  const another = await startProxyForwarder(proxies, Number(new URL(forwarder.environment["HTTPS_PROXY"]!).port));
  try {
    expect(Object.keys(forwarder.environment)).toEqual(["HTTPS_PROXY", "https_proxy"]);
    expect(another.environment["HTTPS_PROXY"]).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(another.environment["HTTPS_PROXY"]).not.toBe(forwarder.environment["HTTPS_PROXY"]);
    const [direct, forwarded, unknown] = [
      await tunnel(`http://127.0.0.1:${proxy.port}`, "known.test:443"),
      await tunnel(forwarder.environment["HTTPS_PROXY"]!, "known.test:443"),
      await tunnel(another.environment["HTTPS_PROXY"]!, "unknown.test:443"),
    ];
    // proxy-chain answers 590 when the upstream proxy refuses.
    expect([direct, forwarded, unknown]).toEqual([407, 200, 590]);
    expect(await plain(forwarder.environment["HTTPS_PROXY"]!, "http://known.test/")).toBe("from the origin");
    expect(proxy.requests.map(({ host, path }) => [host, path])).toEqual([["known.test", "/"]]);
  } finally {
    await Promise.all([forwarder.close(), another.close(), proxy.close()]);
    origin.close();
  }
});

/** The status with which a proxy answers a CONNECT request. */
function tunnel(address: string, target: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(address);
    request({ hostname, port, method: "CONNECT", path: target, agent: false })
      .on("connect", ({ statusCode = 0 }, socket) => {
        socket.destroy();
        resolve(statusCode);
      })
      .on("error", reject)
      .end();
  });
}

function plain(address: string, url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(address);
    request({ hostname, port, path: url, headers: { host: new URL(url).host }, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve(text));
    })
      .on("error", reject)
      .end();
  });
}
