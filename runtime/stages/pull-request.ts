import type { RestEndpointMethodTypes } from "@octokit/rest";
import type { RequestInit } from "undici";
import { StageFailure } from "./stage-failure";

/** Time limit of one call to GitHub, in milliseconds. */
const CALL_TIMEOUT = 30_000;

export interface PullRequestRequest {
  /** Base address of the REST API. */
  readonly apiUrl: string;
  readonly token: string | undefined;
  /** owner/name */
  readonly repository: string;
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly signal: AbortSignal;
}

export interface PullRequest {
  readonly number: number;
  readonly url: string;
  readonly state: string;
  /** False when it existed already. */
  readonly created: boolean;
}

/**
 * Opens the pull request of a branch. A pull request that the branch already has, open or closed, stays as it is.
 *
 * @throws StageFailure when GitHub refuses or cannot be reached.
 */
export async function openPullRequest(request: PullRequestRequest): Promise<PullRequest> {
  const [{ Octokit }, { EnvHttpProxyAgent, fetch }] = await Promise.all([import("@octokit/rest"), import("undici")]);
  // Node's own fetch supports HTTPS_PROXY and NO_PROXY only in its newest versions.
  const dispatcher = new EnvHttpProxyAgent();
  const [owner, repo] = request.repository.split("/") as [string, string];
  const octokit = new Octokit({
    baseUrl: request.apiUrl,
    userAgent: "codex-fleet",
    ...(request.token === undefined ? {} : { auth: request.token }),
    request: { fetch: (url: string, options: RequestInit) => fetch(url, { ...options, dispatcher }) },
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const call = () => ({ signal: AbortSignal.any([request.signal, AbortSignal.timeout(CALL_TIMEOUT)]) });
  const existing = async () => {
    const { data } = await octokit.rest.pulls.list({ owner, repo, head: `${owner}:${request.head}`, state: "all", request: call() });
    return data.find((pull) => pull.state === "open") ?? data[0];
  };
  try {
    const found = await existing();
    if (found !== undefined) return describe(found, false);
    const { head, base, title, body } = request;
    const { data } = await octokit.rest.pulls.create({ owner, repo, head, base, title, body, request: call() });
    return describe(data, true);
  } catch (error) {
    request.signal.throwIfAborted();
    throw pullRequestFailure(error as Error & { status?: number }, request);
  } finally {
    await dispatcher.close();
  }
}

type Pull =
  RestEndpointMethodTypes["pulls"]["list"]["response"]["data"][number] | RestEndpointMethodTypes["pulls"]["create"]["response"]["data"];

function describe(pull: Pull, created: boolean): PullRequest {
  return { number: pull.number, url: pull.html_url, state: pull.state, created };
}

function pullRequestFailure(error: Error & { status?: number }, request: PullRequestRequest): StageFailure {
  return new StageFailure({
    code: "pull_request_failed",
    reason: `${request.apiUrl} did not open the pull request of ${request.repository}: ${error.message}`,
    remediation:
      error.status === 401 || error.status === 403 || error.status === 404
        ? "check that the secret github_token may read the repository and write pull requests, then retry the run"
        : "check github.api_url and that it can be reached from the worker, then retry the run: the branch is pushed already",
  });
}
