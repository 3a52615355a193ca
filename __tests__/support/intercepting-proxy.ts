import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as sendRequest } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext, TLSSocket } from "node:tls";
import type { SecureContext } from "node:tls";

/** One request that the proxy read in clear text and forwarded. */
export interface InterceptedRequest {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  /** The program's user agent. */
  readonly userAgent: string;
}

export interface InterceptingProxyOptions {
  /** Where the requests for a host go, by host name: `{ "api.test": "http://127.0.0.1:8080" }`. Any other host is answered 403. */
  readonly origins: Readonly<Record<string, string>>;
  /** Address to listen on. @default "127.0.0.1" */
  readonly host?: string;
  /** @default 0, any free port */
  readonly port?: number;
  /** Required `user:password`. @default - everybody may use the proxy */
  readonly credentials?: string;
}

/** A proxy as companies run it: it terminates TLS, with certificates of its own authority. */
export interface InterceptingProxy {
  readonly port: number;
  /** Certificate of its authority, PEM. */
  readonly authority: string;
  readonly requests: readonly InterceptedRequest[];
  /** Hosts of connections that the client closed without a request after it had seen the certificate. */
  readonly distrusted: readonly string[];
  /** Hosts of refused connections: unknown host or wrong credentials. */
  readonly refused: readonly string[];
  /** Clears the records. */
  forget(): void;
  close(): Promise<void>;
}

/** Starts a proxy. Needs `openssl`. */
export async function startInterceptingProxy(options: InterceptingProxyOptions): Promise<InterceptingProxy> {
  const { authority, contexts } = certificatesFor(Object.keys(options.origins));
  const requests: InterceptedRequest[] = [];
  const distrusted: string[] = [];
  const refused: string[] = [];
  const sockets = new Set<Socket>();
  const hosts = new WeakMap<Socket, string>();

  const forward = (host: string, request: IncomingMessage, response: ServerResponse) => {
    const { method = "GET", url = "/", headers } = request;
    requests.push({ host, method, path: url, userAgent: headers["user-agent"] ?? "" });
    const { hostname, port } = new URL(options.origins[host]!);
    delete headers["proxy-authorization"];
    const onward = sendRequest({ agent: false, hostname, port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", (error) => response.writeHead(502).end(`${host}: ${error.message}\n`));
    request.pipe(onward);
  };
  const allows = (request: IncomingMessage) =>
    options.credentials === undefined ||
    request.headers["proxy-authorization"] === `Basic ${Buffer.from(options.credentials).toString("base64")}`;

  const inside = createServer((request, response) => forward(hosts.get(request.socket)!, request, response));
  const outside = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://none");
    if (!allows(request)) {
      refused.push(url.hostname);
      response.writeHead(407, { "proxy-authenticate": "Basic" }).end();
    } else if (options.origins[url.hostname] === undefined) {
      refused.push(url.hostname);
      response.writeHead(403).end(`${url.hostname} is not allowed\n`);
    } else {
      request.url = `${url.pathname}${url.search}`;
      forward(url.hostname, request, response);
    }
  });
  outside.on("connect", (request: IncomingMessage, socket: Socket) => {
    const host = (request.url ?? "").replace(/:\d+$/, "");
    const context = contexts[host];
    socket.on("error", () => undefined);
    if (!allows(request) || context === undefined) {
      refused.push(host);
      socket.end(
        allows(request) ? "HTTP/1.1 403 Forbidden\r\n\r\n" : 'HTTP/1.1 407 Unauthorized\r\nProxy-Authenticate: Basic realm="test"\r\n\r\n',
      );
      return;
    }
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    const secure = new TLSSocket(socket, { isServer: true, secureContext: context });
    let sent = false;
    // Some programs send an alert when they do not trust a certificate, others just close the connection.
    secure.once("data", () => (sent = true)).on("error", () => undefined);
    secure.once("close", () => {
      if (!sent) distrusted.push(host);
    });
    hosts.set(secure, host);
    inside.emit("connection", secure);
  });
  outside.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) =>
    outside.once("error", reject).listen(options.port ?? 0, options.host ?? "127.0.0.1", resolve),
  );
  return {
    port: (outside.address() as AddressInfo).port,
    authority,
    requests,
    distrusted,
    refused,
    forget: () => [requests, distrusted, refused].forEach((list) => (list.length = 0)),
    close: () =>
      new Promise((resolve, reject) => {
        outside.close((error) => (error ? reject(error) : resolve()));
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Creates an authority for this process, and a certificate for every host. */
function certificatesFor(hosts: readonly string[]): { authority: string; contexts: Readonly<Record<string, SecureContext>> } {
  const directory = mkdtempSync(join(tmpdir(), "fleet-authority-"));
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: directory, stdio: ["ignore", "ignore", "pipe"] });
  // Python refuses an authority without the key usage extension.
  const USAGE = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"];
  const key = (name: string) => ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", `${name}.key`];
  try {
    openssl(
      "req",
      "-x509",
      ...key("authority"),
      "-out",
      "authority.pem",
      "-days",
      "2",
      "-subj",
      "/CN=Test interception authority",
      ...USAGE,
    );
    const contexts = hosts.map((host, index) => {
      writeFileSync(join(directory, "names"), `subjectAltName=DNS:${host}\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\n`);
      openssl("req", "-new", ...key("host"), "-out", "host.csr", "-subj", `/CN=${host}`);
      openssl(
        ...["x509", "-req", "-in", "host.csr", "-CA", "authority.pem", "-CAkey", "authority.key", "-set_serial", String(index + 2)],
        ...["-days", "2", "-extfile", "names", "-out", "host.pem"],
      );
      const read = (name: string) => readFileSync(join(directory, name));
      return [host, createSecureContext({ key: read("host.key"), cert: read("host.pem") })] as const;
    });
    return { authority: readFileSync(join(directory, "authority.pem"), "utf8"), contexts: Object.fromEntries(contexts) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
