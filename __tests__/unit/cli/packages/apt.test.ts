import { aptConfiguration, parsePlan } from "../../../../cli/packages/apt";

test("apt keeps everything it writes in one directory, checks signatures and runs no hook of the system", () => {
  const lines = aptConfiguration("/c/apt").split("\n");
  expect(lines.filter((line) => line.includes("/"))).toEqual([
    'Dir::State "/c/apt";',
    'Dir::State::Lists "/c/apt/lists";',
    'Dir::State::status "/c/apt/dpkg/status";',
    'Dir::Cache "/c/apt/cache";',
    'Dir::Log "/c/apt/log";',
  ]);
  expect(lines.filter((line) => /clear|Unauthenticated|Insecure|Sandbox/.test(line))).toEqual([
    "#clear APT::Update::Pre-Invoke;",
    "#clear APT::Update::Post-Invoke;",
    "#clear APT::Update::Post-Invoke-Success;",
    'APT::Sandbox::User "";',
    'APT::Get::AllowUnauthenticated "false";',
    'Acquire::AllowInsecureRepositories "false";',
  ]);
});

test("a plan names packages, versions, files and sizes", () => {
  const lines = [
    "Reading package lists...",
    "'http://mirror/pool/main/g/git/git_2.47.3-0%2bdeb13u1_amd64.deb' git_1%3a2.47.3-0+deb13u1_amd64.deb 8861572 SHA256:00ff",
    "'http://mirror/pool/main/c/ca-certificates/ca-certificates_20250419_all.deb' ca-certificates_20250419_all.deb 162192 SHA256:11ee",
  ];
  expect(parsePlan(lines)).toEqual([
    { name: "git", version: "1:2.47.3-0+deb13u1", file: "git_1%3a2.47.3-0+deb13u1_amd64.deb", size: 8861572 },
    { name: "ca-certificates", version: "20250419", file: "ca-certificates_20250419_all.deb", size: 162192 },
  ]);
});
