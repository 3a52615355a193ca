import type { StoredPullRequest } from "./pull-request-store";

/** Escapes text for HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** One pull request: title, body, diff. */
export function pullRequestPage(pull: StoredPullRequest, diff: string): string {
  const lines = diff.split("\n").map((line) => `<span class="${lineClass(line)}">${escapeHtml(line)}</span>`);
  return page(
    `${pull.title} · ${pull.repository} #${pull.number}`,
    `<h1>${escapeHtml(pull.title)} <small>#${pull.number}</small></h1>
<p><b>Open</b>: <code>${escapeHtml(pull.head)}</code> into <code>${escapeHtml(pull.base)}</code> of
<a href="/${escapeHtml(pull.repository)}">${escapeHtml(pull.repository)}</a>, ${escapeHtml(pull.createdAt)}</p>
<pre class="body">${escapeHtml(pull.body)}</pre>
<h2>Changes</h2>
<pre>${lines.join("\n")}</pre>`,
  );
}

/** The pull requests of a repository. */
export function repositoryPage(repository: string, pulls: readonly StoredPullRequest[]): string {
  const items = pulls.map(
    (pull) => `<li><a href="/${escapeHtml(repository)}/pull/${pull.number}">#${pull.number} ${escapeHtml(pull.title)}</a></li>`,
  );
  return page(
    repository,
    `<h1>${escapeHtml(repository)}</h1>\n${items.length === 0 ? "<p>No pull requests yet.</p>" : `<ul>${items.join("\n")}</ul>`}`,
  );
}

export function notFoundPage(path: string): string {
  return page("Not found", `<h1>Not found</h1><p><code>${escapeHtml(path)}</code> is neither a repository nor a pull request.</p>`);
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<p class="note">This is a scripted GitHub, part of the demo environment. The repository and its git are real; nothing here is on github.com.</p>
${body}
</body>
</html>
`;
}

function lineClass(line: string): string {
  if (/^(\+\+\+|---|diff|index|new file|deleted file)/.test(line)) return "head";
  if (line.startsWith("+")) return "added";
  if (line.startsWith("-")) return "removed";
  return line.startsWith("@@") ? "hunk" : "same";
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

const STYLE = `
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
pre { padding: 1rem; overflow-x: auto; border: 1px solid #8888; border-radius: 6px; font: 13px/1.5 ui-monospace, monospace }
.body { white-space: pre-wrap }
.note { padding: .5rem 1rem; border: 1px solid #b80; border-radius: 6px }
.added { color: #1a7f37 } .removed { color: #cf222e } .hunk { color: #8250df } .head { opacity: .6 }
`;
