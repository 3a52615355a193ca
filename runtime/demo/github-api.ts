import { z } from "zod";
import type { BareRepository } from "./bare-repository";
import type { PullRequestStore, StoredPullRequest } from "./pull-request-store";

/** An answer of the REST API. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface ApiRequest {
  readonly method: string;
  /** Path below the API's base address, such as `/repos/owner/name/pulls`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

export interface ApiServices {
  readonly pulls: PullRequestStore;
  repository(name: string): BareRepository;
  /** Address of a repository's pages. */
  pageUrl(path: string): string;
}

const NewPull = z.object({ title: z.string().min(1), head: z.string().min(1), base: z.string().min(1), body: z.string().nullish() });

/** The part of GitHub's REST API that a fleet uses: repositories and pull requests. */
export async function answerApi(request: ApiRequest, services: ApiServices): Promise<ApiAnswer> {
  const match = /^\/repos\/([\w.-]+)\/([\w.-]+)(?:\/(pulls)(?:\/(\d+))?)?$/.exec(request.path);
  if (match === null) return notFound();
  const [, owner, repo, pulls, number] = match as unknown as [string, string, string, string | undefined, string | undefined];
  const name = `${owner}/${repo}`;
  const repository = services.repository(name);
  if (!repository.exists()) return notFound();
  if (pulls === undefined) return request.method === "GET" ? repositoryAnswer(name, repository, services) : notFound();
  if (number !== undefined) {
    const pull = services.pulls.get(name, Number(number));
    return pull === undefined || request.method !== "GET" ? notFound() : { status: 200, body: describePull(pull, services) };
  }
  if (request.method === "GET") return listPulls(name, request.query, services);
  return request.method === "POST" ? createPull(name, repository, request.body, services) : notFound();
}

async function repositoryAnswer(name: string, repository: BareRepository, services: ApiServices): Promise<ApiAnswer> {
  const [owner, repo] = name.split("/");
  return {
    status: 200,
    body: {
      name: repo,
      full_name: name,
      owner: { login: owner },
      private: false,
      default_branch: await repository.defaultBranch(),
      html_url: services.pageUrl(`/${name}`),
    },
  };
}

function listPulls(name: string, query: URLSearchParams, services: ApiServices): ApiAnswer {
  if (query.get("state") === "closed") return { status: 200, body: [] };
  const head = query.get("head")?.replace(/^[^:]*:/, "");
  const found = services.pulls.list(name, { head, base: query.get("base") ?? undefined });
  return { status: 200, body: found.map((pull) => describePull(pull, services)) };
}

async function createPull(name: string, repository: BareRepository, body: unknown, services: ApiServices): Promise<ApiAnswer> {
  const parsed = NewPull.safeParse(body);
  if (!parsed.success) return refused(z.prettifyError(parsed.error));
  const { title, base, body: text } = parsed.data;
  const head = parsed.data.head.replace(/^[^:]*:/, "");
  if ((await repository.tip(head)) === null) return refused(`head: the branch ${head} does not exist`);
  if ((await repository.tip(base)) === null) return refused(`base: the branch ${base} does not exist`);
  if (services.pulls.list(name, { head, base }).length > 0) {
    return refused(`A pull request already exists for ${name.split("/")[0]}:${head}.`);
  }
  const pull = services.pulls.create({ repository: name, title, body: text ?? "", head, base });
  return { status: 201, body: describePull(pull, services) };
}

function describePull(pull: StoredPullRequest, services: ApiServices): Record<string, unknown> {
  const owner = pull.repository.split("/")[0]!;
  return {
    number: pull.number,
    state: "open",
    title: pull.title,
    body: pull.body,
    html_url: services.pageUrl(`/${pull.repository}/pull/${pull.number}`),
    head: { ref: pull.head, label: `${owner}:${pull.head}` },
    base: { ref: pull.base, label: `${owner}:${pull.base}` },
    created_at: pull.createdAt,
  };
}

function refused(message: string): ApiAnswer {
  return { status: 422, body: { message: `Validation Failed: ${message}`, errors: [{ resource: "PullRequest", message }] } };
}

function notFound(): ApiAnswer {
  return { status: 404, body: { message: "Not Found" } };
}
