import "reflect-metadata";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { createServer, request as sendRequest } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
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

/** Starts a proxy. */
export async function startInterceptingProxy(options: InterceptingProxyOptions): Promise<InterceptingProxy> {
  const { authority, contexts } = await certificatesFor(Object.keys(options.origins));
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

/** Creates an authority for this process, and a certificate of it for every host. */
async function certificatesFor(
  hosts: readonly string[],
): Promise<{ authority: string; contexts: Readonly<Record<string, SecureContext>> }> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const makeKeys = () => crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const valid = { notBefore: new Date(Date.now() - HOUR), notAfter: new Date(Date.now() + 48 * HOUR) };
  const keys = await makeKeys();
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...valid,
    serialNumber: "01",
    name: "CN=Test interception authority",
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      // Python refuses an authority that does not say what its key is for.
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const contexts = hosts.map(async (host, index) => {
    const { publicKey, privateKey } = await makeKeys();
    const certificate = await X509CertificateGenerator.create({
      ...valid,
      serialNumber: (index + 2).toString(16).padStart(2, "0"),
      subject: `CN=${host}`,
      issuer: authority.subject,
      publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new SubjectAlternativeNameExtension([{ type: "dns", value: host }]),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        await AuthorityKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const key = PemConverter.encode(await crypto.subtle.exportKey("pkcs8", privateKey), "PRIVATE KEY");
    return [host, createSecureContext({ key, cert: certificate.toString("pem") })] as const;
  });
  return { authority: authority.toString("pem"), contexts: Object.fromEntries(await Promise.all(contexts)) };
}

const HOUR = 3_600_000;
