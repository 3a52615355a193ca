import type { InterceptingProxy } from "./intercepting-proxy";

/** A command of the agent's: Python, npm and git ask the host `tools.test`, each by https. */
export const EXERCISE = [
  `python3 -c 'import urllib.request; print(urllib.request.urlopen("https://tools.test/python").status)'`,
  // The machine's own npm settings would name other certificates.
  "npm ping --globalconfig /dev/null --fetch-retries 0 --registry https://tools.test",
  "git ls-remote https://github.test/acme/other",
].join("; ");

/** Which program asked which host through the proxy, each pair once. */
export function programsThrough(proxy: InterceptingProxy): string[] {
  return [...new Set(proxy.requests.map(({ host, userAgent }) => `${host} ${userAgent.split(/[/ ]/)[0]}`))].sort();
}
