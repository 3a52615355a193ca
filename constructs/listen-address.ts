/** Whether two `ip:port` cannot both be published: same port, and the same address or one of them on all addresses. */
export function listenOverlap(one: string, other: string): boolean {
  const [left, right] = [parse(one), parse(other)];
  return left.port === right.port && (left.ip === right.ip || [left.ip, right.ip].some((ip) => UNSPECIFIED.includes(ip)));
}

/** URL of a service published at `ip:port`, for a client on the same machine. */
export function listenUrl(listen: string): string {
  return `http://${listen.replace(/^0\.0\.0\.0:/, "127.0.0.1:").replace(/^\[::\]:/, "[::1]:")}`;
}

const UNSPECIFIED: readonly string[] = ["0.0.0.0", "[::]"];

function parse(listen: string): { readonly ip: string; readonly port: string } {
  const separator = listen.lastIndexOf(":");
  return { ip: listen.slice(0, separator), port: listen.slice(separator + 1) };
}
