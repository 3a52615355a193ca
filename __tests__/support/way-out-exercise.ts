import type { InterceptingProxy } from "./intercepting-proxy";

/** A command for the agent: Python, npm and git each call the host `tools.test` by https. */
export const EXERCISE = [
  `python3 -c 'import urllib.request; print(urllib.request.urlopen("https://tools.test/python").status)'`,
  // The machine's own npm settings would set other certificates.
  "npm ping --globalconfig /dev/null --fetch-retries 0 --registry https://tools.test",
  "git ls-remote https://github.test/acme/other",
].join("; ");

/** Pairs of program and host that used the proxy, each once. */
export function programsThrough(proxy: InterceptingProxy): string[] {
  return [...new Set(proxy.requests.map(({ host, userAgent }) => `${host} ${userAgent.split(/[/ ]/)[0]}`))].sort();
}
