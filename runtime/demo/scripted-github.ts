import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { BareRepository } from "./bare-repository";
import { gitRequest, serveGit } from "./git-http";
import { answerApi } from "./github-api";
import type { ApiServices } from "./github-api";
import { notFoundPage, pullRequestPage, repositoryPage } from "./github-pages";
import { PullRequestStore } from "./pull-request-store";

export interface ScriptedGithubOptions {
  /** Directory for `repositories/OWNER/NAME.git` and `pull-requests.json`. */
  readonly dataDirectory: string;
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** @default 0, any free port */
  readonly port?: number;
  /** Address under which people open the pages of pull requests. @default the server's own */
  readonly publicUrl?: string;
  /** Token that git and the API require. @default none, everybody may do everything */
  readonly token?: string;
}

export interface ScriptedGithub {
  /** Base address; `owner/name` is at `<url>/owner/name` for git. */
  readonly url: string;
  /** Base address of the REST API. */
  readonly apiUrl: string;
  readonly pulls: PullRequestStore;
  repository(name: string): BareRepository;
  close(): Promise<void>;
}

const API = "/api/v3";

/** The directory of the bare repositories. */
export function repositoriesDirectory(dataDirectory: string): string {
  return join(dataDirectory, "repositories");
}

/**
 * A local stand-in for GitHub: real git over HTTP, the REST calls a fleet makes, a page for each pull request.
 * Used by the demo environment and by tests.
 */
export async function startScriptedGithub(options: ScriptedGithubOptions): Promise<ScriptedGithub> {
  const repositories = repositoriesDirectory(options.dataDirectory);
  const pulls = new PullRequestStore(join(options.dataDirectory, "pull-requests.json"));
  const repository = (name: string): BareRepository => new BareRepository(repositories, name);
  const server = createServer((request, response) => {
    void route(request, response).catch((error: unknown) => send(response, 500, "text/plain", `${(error as Error).message}\n`));
  });
  await new Promise<void>((resolve, reject) =>
    server.once("error", reject).listen(options.port ?? 0, options.host ?? "127.0.0.1", resolve),
  );
  const url = `http://${options.host ?? "127.0.0.1"}:${(server.address() as AddressInfo).port}`;
  const services: ApiServices = { pulls, repository, pageUrl: (path) => `${(options.publicUrl ?? url).replace(/\/+$/, "")}${path}` };

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams, search } = new URL(request.url ?? "/", "http://scripted");
    if (pathname === "/healthz") return send(response, 200, "application/json", '{"status":"ok","scripted":true}\n');
    const gitCall = gitRequest(pathname);
    if (gitCall !== null) {
      if (!mayPass(request, options.token)) return unauthorized(response);
      return serveGit(request, response, { repositories, ...gitCall, query: search.slice(1) });
    }
    if (pathname.startsWith(`${API}/`)) {
      if (!mayPass(request, options.token)) return unauthorized(response);
      const body = await readJson(request);
      const path = pathname.slice(API.length);
      const answer = await answerApi({ method: request.method ?? "GET", path, query: searchParams, body }, services);
      return send(response, answer.status, "application/json", JSON.stringify(answer.body));
    }
    const [status, html] = await pageFor(pathname, services);
    return send(response, status, "text/html; charset=utf-8", html);
  }

  return {
    url,
    apiUrl: `${url}${API}`,
    pulls,
    repository,
    close: () => new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())).closeAllConnections()),
  };
}

async function pageFor(pathname: string, services: ApiServices): Promise<[number, string]> {
  const match = /^\/([\w.-]+\/[\w.-]+?)(?:\/pull\/(\d+))?\/?$/.exec(pathname);
  const name = match?.[1];
  if (name === undefined || !services.repository(name).exists()) return [404, notFoundPage(pathname)];
  if (match![2] === undefined) return [200, repositoryPage(name, services.pulls.list(name))];
  const pull = services.pulls.get(name, Number(match![2]));
  if (pull === undefined) return [404, notFoundPage(pathname)];
  return [200, pullRequestPage(pull, await services.repository(name).diff(pull.base, pull.head))];
}

/** Git sends the token as the password of basic authentication, clients of the API as a bearer token. */
function mayPass(request: IncomingMessage, token: string | undefined): boolean {
  if (token === undefined) return true;
  const [scheme, value = ""] = (request.headers.authorization ?? "").split(" ");
  if (scheme?.toLowerCase() !== "basic") return value === token;
  return Buffer.from(value, "base64").toString("utf8").endsWith(`:${token}`);
}

function unauthorized(response: ServerResponse): void {
  response.setHeader("www-authenticate", 'Basic realm="scripted GitHub"');
  send(response, 401, "application/json", '{"message":"Bad credentials"}');
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString("utf8");
  return body === "" ? undefined : (JSON.parse(body) as unknown);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type, "x-content-type-options": "nosniff" }).end(body);
}
