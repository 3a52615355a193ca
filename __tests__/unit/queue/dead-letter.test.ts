import { toDeadLetter } from "../../../runtime/queue";

const message = (content: string, properties: Record<string, unknown>) => ({ content: Buffer.from(content), properties }) as never;

test("a letter keeps the first reason and its message's id", () => {
  const headers = { id: "celery", "x-first-death-reason": "delivery_limit", "x-death": [{ reason: "rejected" }] };
  expect(toDeadLetter("codex", message("nonsense", { messageId: "m-1", headers }))).toEqual({
    messageId: "m-1",
    queue: "codex",
    reason: "delivery_limit",
    body: "nonsense",
    headers,
    message: null,
  });
});

test("without the first reason the latest counts, without an id the digest of the body", () => {
  const headers = { "x-death": [{ reason: "rejected" }] };
  expect(toDeadLetter("codex", message("a\0b", { headers }))).toEqual({
    messageId: "sha256:59b271ae1bbcb1d31d41929817f4b16fb439eb4f31520b5ad1d5ce98920a7138",
    queue: "codex",
    reason: "rejected",
    body: "a\uFFFDb",
    headers,
    message: null,
  });
});
