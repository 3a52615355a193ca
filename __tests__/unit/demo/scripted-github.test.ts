import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseCgiHead, gitRequest } from "../../../runtime/demo/git-http";
import { escapeHtml } from "../../../runtime/demo/github-pages";
import { startScriptedGithub } from "../../../runtime/demo/scripted-github";
import type { ScriptedGithub } from "../../../runtime/demo/scripted-github";
import { git } from "../../../runtime/stages/git";
import { openPullRequest } from "../../../runtime/stages/pull-request";
import { makeRepository } from "../../support/git-repository";
import type { TestRepository } from "../../support/git-repository";

jest.setTimeout(30_000);

let directory: string;
let github: ScriptedGithub;
let source: TestRepository;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "scripted-github-"));
  source = makeRepository(directory, { "a.txt": "one\n" });
  github = await startScriptedGithub({ dataDirectory: join(directory, "data"), token: "t0ken", publicUrl: "http://public:1/" });
  await git(["clone", "--quiet", "--bare", source.url, github.repository("acme/shop").path], { directory });
});

afterEach(async () => {
  await github.close();
  rmSync(directory, { recursive: true, force: true });
});

const credential = () => ({ url: github.url, token: "t0ken" });
const clone = (name: string, token = "t0ken") =>
  git(["clone", "--quiet", `${github.url}/acme/shop`, name], { directory, credential: { url: github.url, token } });

async function branch(name: string, text = '<two> & "more"\n'): Promise<void> {
  source.commit({ "a.txt": text }, { branch: name });
  await git(["push", "--quiet", `${github.url}/acme/shop.git`, `${name}:${name}`], {
    directory: join(directory, "clone"),
    credential: credential(),
  });
}

const request = (more: object = {}) => ({
  apiUrl: github.apiUrl,
  token: "t0ken",
  repository: "acme/shop",
  head: "change",
  base: "main",
  title: "Title <1>",
  body: "Body & more",
  signal: new AbortController().signal,
  ...more,
});

test("git clones and pushes over HTTP with the token, and not without", async () => {
  await clone("good");
  await expect(clone("bad", "wrong")).rejects.toThrow(/Authentication failed/);
  await branch("change");
  expect(await github.repository("acme/shop").tip("change")).toBe(source.git("rev-parse", "change"));
  await expect(git(["clone", "--quiet", `${github.url}/acme/none`, "none"], { directory, credential: credential() })).rejects.toThrow(
    /not found/,
  );
});

test("a token is sent to its own address alone", async () => {
  const elsewhere = { url: "http://127.0.0.1:1", token: "t0ken" };
  await expect(git(["clone", "--quiet", `${github.url}/acme/shop`, "x"], { directory, credential: elsewhere })).rejects.toThrow(
    /could not read Username/,
  );
});

test("a pull request is opened once, whoever asks how often", async () => {
  await branch("change");
  const first = await openPullRequest(request());
  expect(first).toEqual({ number: 1, url: "http://public:1/acme/shop/pull/1", state: "open", created: true });
  expect(await openPullRequest(request({ title: "Other" }))).toEqual({ ...first, created: false });
  expect(github.pulls.list("acme/shop").map(({ title }) => title)).toEqual(["Title <1>"]);
});

test("pull requests outlive a restart", async () => {
  await branch("change");
  await openPullRequest(request());
  await github.close();
  github = await startScriptedGithub({ dataDirectory: join(directory, "data") });
  expect(github.pulls.get("acme/shop", 1)?.title).toBe("Title <1>");
});

test.each([
  [{ head: "nowhere" }, /Validation Failed: head: the branch nowhere does not exist/, /github.api_url/],
  [{ base: "nowhere" }, /base: the branch nowhere does not exist/, /github.api_url/],
  [{ token: "wrong" }, /Bad credentials/, /github_token/],
  [{ repository: "acme/none" }, /Not Found/, /github_token/],
])("%j is refused with the reason", async (more, reason, remediation) => {
  await branch("change");
  await expect(openPullRequest(request(more))).rejects.toMatchObject({
    code: "pull_request_failed",
    reason: expect.stringMatching(reason),
    remediation: expect.stringMatching(remediation),
  });
});

test("the page shows title, body and diff as text, and says what it is", async () => {
  await branch("change");
  await openPullRequest(request());
  const response = await fetch(`${github.url}/acme/shop/pull/1`);
  const html = await response.text();
  expect(response.status).toBe(200);
  for (const part of [
    "This is a scripted GitHub",
    "<h1>Title &lt;1&gt; <small>#1</small></h1>",
    "Body &amp; more",
    '<span class="added">+&lt;two&gt; &amp; &quot;more&quot;</span>',
  ])
    expect(html).toContain(part);
  expect((await fetch(`${github.url}/acme/shop/pull/2`)).status).toBe(404);
  expect((await fetch(`${github.url}/acme/none`)).status).toBe(404);
});

test.each([
  ["/acme/shop/info/refs", { repository: "acme/shop", service: "info/refs" }],
  ["/acme/shop.git/git-receive-pack", { repository: "acme/shop", service: "git-receive-pack" }],
  ["/acme/shop", null],
  ["/acme/../etc/info/refs", null],
  ["/acme/shop/objects/info/packs", null],
])("%s is git's: %j", (path, expected) => {
  expect(gitRequest(path)).toEqual(expected);
});

test("what a CGI program says first", () => {
  expect(parseCgiHead("Status: 404 Not Found\r\nContent-Type: text/plain")).toEqual({
    status: 404,
    headers: { "content-type": "text/plain" },
  });
  expect(parseCgiHead("Expires: now")).toEqual({ status: 200, headers: { expires: "now" } });
});

test("every character with a meaning in HTML is escaped", () => {
  expect(escapeHtml(`<a href="x" b='y'>&`)).toBe("&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
});
