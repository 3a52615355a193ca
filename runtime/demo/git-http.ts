import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";

/** Paths of git's smart HTTP protocol; `.git` after the repository's name is optional. */
const GIT_PATH = /^\/([\w.-]+)\/([\w.-]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

/** The repository and service of a git request, null for any other request. */
export function gitRequest(pathname: string): { readonly repository: string; readonly service: string } | null {
  const match = GIT_PATH.exec(pathname);
  if (match === null) return null;
  const [, owner, name, service] = match as unknown as [string, string, string, string];
  return { repository: `${owner}/${name}`, service };
}

/** Passes a request to git's own server, `git http-backend`. */
export function serveGit(
  request: IncomingMessage,
  response: ServerResponse,
  options: { readonly repositories: string; readonly repository: string; readonly service: string; readonly query: string },
): void {
  const header = (name: string): string => String(request.headers[name] ?? "");
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
      GIT_PROJECT_ROOT: options.repositories,
      GIT_HTTP_EXPORT_ALL: "1",
      // Git allows pushes only with a user name.
      REMOTE_USER: "fleet",
      REMOTE_ADDR: request.socket.remoteAddress ?? "",
      PATH_INFO: `/${options.repository}.git/${options.service}`,
      QUERY_STRING: options.query,
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: header("content-type"),
      CONTENT_LENGTH: header("content-length"),
      HTTP_CONTENT_ENCODING: header("content-encoding"),
      GIT_PROTOCOL: header("git-protocol"),
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.on("error", (error) => response.writeHead(500).end(`git http-backend: ${error.message}\n`));
  request.pipe(child.stdin.on("error", () => undefined));
  let head = Buffer.alloc(0);
  child.stdout.on("data", (chunk: Buffer) => {
    if (response.headersSent) {
      if (!response.write(chunk)) child.stdout.pause();
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1) return;
    const { status, headers } = parseCgiHead(head.subarray(0, end).toString("latin1"));
    response.writeHead(status, headers);
    response.write(head.subarray(end + 4));
  });
  response.on("drain", () => child.stdout.resume());
  child.on("close", () => response.end());
}

/** Parses the headers of a CGI program; the status is 200 unless a header sets it. */
export function parseCgiHead(head: string): { readonly status: number; readonly headers: Record<string, string> } {
  const headers: Record<string, string> = {};
  for (const line of head.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const { status = "200", ...rest } = headers;
  return { status: parseInt(status, 10), headers: rest };
}
