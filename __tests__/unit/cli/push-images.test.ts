import { digestOf, imageKeys, pushReference, repositoryProblem } from "../../../cli/image/push-images";

test("an image keeps the tag that names its content", () => {
  const tags = ["registry.example/other:1", "codex-fleet/worker:63122e46ccdc"];
  expect(pushReference("registry.example/team/fleet", "worker", tags, "sha256:0123456789abcdef")).toBe(
    "registry.example/team/fleet/worker:63122e46ccdc",
  );
  expect(pushReference("registry.example/fleet", "broker", [], "sha256:0123456789abcdef")).toBe(
    "registry.example/fleet/broker:0123456789ab",
  );
});

test.each([
  ["registry.example/team/codex-fleet", undefined],
  ["localhost/fleet", undefined],
  ["127.0.0.1:5000/fleet", undefined],
  ["https://registry.example/fleet", "a registry is named without https://"],
  ["registry.example/fleet:latest", "a repository is named without tag or digest"],
  ["registry.example/fleet@sha256:00", "a repository is named without tag or digest"],
  ["fleet", 'the first part must be a registry\'s host, got "fleet"'],
  ["127.0.0.1:5000", "the name must be lower-case words between slashes"],
  ["registry.example/Fleet", "the name must be lower-case words between slashes"],
])("repository %s", (repository, problem) => {
  expect(repositoryProblem(repository)).toBe(problem);
});

test("the digest is the one of the repository pushed to", () => {
  const digests = [
    "registry.example/fleet/workers@sha256:00",
    "registry.example:5000/fleet/worker@sha256:11",
    "registry.example/fleet/worker@sha256:22",
  ];
  expect(digestOf("registry.example/fleet/worker:1", digests)).toBe("registry.example/fleet/worker@sha256:22");
  expect(digestOf("registry.example:5000/fleet/worker:1", digests)).toBe("registry.example:5000/fleet/worker@sha256:11");
  expect(digestOf("registry.example/fleet:1", digests)).toBe(undefined);
});

test("the keys are a table of an environment file", () => {
  expect(imageKeys({ worker: "a/worker@sha256:1", runtime: "a/runtime@sha256:2" })).toBe(
    '[images]\nworker = "a/worker@sha256:1"\nruntime = "a/runtime@sha256:2"',
  );
});
