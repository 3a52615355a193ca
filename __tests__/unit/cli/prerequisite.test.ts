import type { MachineFacts } from "../../../cli/up/machine-facts";
import { compareVersions, prerequisiteLines } from "../../../cli/console/prerequisite";
import { prerequisites } from "../../../cli/up/docker-prerequisite";

const GIB = 1024 ** 3;

const GOOD: MachineFacts = {
  environment: "demo",
  node: "24.1.0",
  terraform: "1.11.4",
  provider: { version: "4.5.0", problem: undefined },
  engine: { version: "20.10.24+dfsg1", problem: undefined, client: true, defaultAddress: true, memory: 4 * GIB, freeDisk: 20 * GIB },
  ports: [{ listen: "127.0.0.1:8080", takenByOther: false, fix: "choose another" }],
  images: [{ key: "postgres", reference: "postgres:17", source: "registry", problem: undefined, standIn: "codex-fleet/postgres:17" }],
  system: { packageManager: "apt-get", root: false, systemd: true, daemon: true },
  standIns: { local: true, debootstrap: true, buildClient: true, script: "/p/make.sh" },
  foreignNetworks: [],
  imagesBuilt: false,
  network: { bridgeMtu: undefined, uplinkMtu: undefined, caBundle: undefined },
};

test("a machine that has everything", () => {
  expect(prerequisiteLines(prerequisites(GOOD, false))).toEqual([
    "ok      Node.js: found 24.1.0, required >= 20.19",
    "ok      Terraform: found 1.11.4, required >= 1.5",
    "ok      Docker engine: found 20.10.24+dfsg1, required >= 20.10",
    "ok      Memory: found 4.0 GiB, required >= 1.5 GiB",
    "ok      Disk: found 20.0 GiB free, required >= 6.0 GiB",
    "ok      Port 127.0.0.1:8080: found free or ours, required free",
    "ok      Docker provider: found 4.5.0, required kreuzwerker/docker ~> 4.5",
    "ok      Image postgres:17: found in its registry, required present, or in a registry that answers",
  ]);
});

const absent = { ...GOOD.images[0]!, source: "absent" as const, problem: "no such host" };
const noEngine = { ...GOOD.engine, version: undefined, problem: "connection refused", memory: 0, freeDisk: undefined };
const bare = { packageManager: "apt-get" as const, root: true, systemd: true, daemon: false };
const noClient = { ...noEngine, client: false, problem: "there is no docker command" };

test.each<[string, Partial<MachineFacts>, string[]]>([
  [
    "an old Node.js",
    { node: "20.9.0" },
    ["MISSING Node.js: found 20.9.0, required >= 20.19", "        fix: install Node.js 20.19 or later"],
  ],
  [
    "no Terraform",
    { terraform: undefined },
    [
      "MISSING Terraform: found none, required >= 1.5",
      "        fix: install Terraform from https://developer.hashicorp.com/terraform/install (Debian and Ubuntu have no package of it), or set TERRAFORM_BINARY_NAME",
    ],
  ],
  [
    "no engine",
    { engine: noEngine },
    [
      "MISSING Docker engine: found none, required >= 20.10",
      "        fix: start Docker, or point DOCKER_HOST or a docker context at an engine (connection refused)",
    ],
  ],
  [
    "an engine whose socket is not ours",
    { engine: { ...noEngine, problem: "permission denied while trying to connect" } },
    [
      "MISSING Docker engine: found none, required >= 20.10",
      "        fix: run it as root or as a user of the group docker (permission denied while trying to connect)",
    ],
  ],
  [
    "a bare Debian, not as root",
    { engine: noClient, system: { ...bare, root: false } },
    [
      "MISSING Docker engine: found none, required >= 20.10",
      "        fix: run it as root with -y, which installs Docker from this system's packages, or point DOCKER_HOST or a docker context at an engine (there is no docker command)",
    ],
  ],
  [
    "a bare Debian that has no Terraform either: an engine alone leads nowhere",
    { engine: noClient, system: bare, terraform: undefined, provider: { version: undefined, problem: "ENOENT" } },
    [
      "MISSING Terraform: found none, required >= 1.5",
      "        fix: install Terraform from https://developer.hashicorp.com/terraform/install (Debian and Ubuntu have no package of it), or set TERRAFORM_BINARY_NAME",
      "MISSING Docker engine: found none, required >= 20.10",
      "        fix: install Docker (apt-get install docker.io), or point DOCKER_HOST or a docker context at an engine (there is no docker command)",
    ],
  ],
  [
    "a Mac with nothing",
    { engine: noClient, system: { ...bare, packageManager: "brew" }, terraform: undefined },
    [
      "MISSING Terraform: found none, required >= 1.5",
      "        fix: install Terraform (brew install hashicorp/tap/terraform), or set TERRAFORM_BINARY_NAME",
      "MISSING Docker engine: found none, required >= 20.10",
      "        fix: install Docker (brew install --cask docker-desktop), or point DOCKER_HOST or a docker context at an engine (there is no docker command)",
    ],
  ],
  [
    "a Fedora without an engine",
    { engine: noClient, system: { ...bare, packageManager: "dnf" } },
    [
      "MISSING Docker engine: found none, required >= 20.10",
      "        fix: install Docker (dnf install moby-engine docker-cli), or point DOCKER_HOST or a docker context at an engine (there is no docker command)",
    ],
  ],
  [
    "no command for an engine elsewhere",
    { engine: { ...noClient, defaultAddress: false } },
    [
      "MISSING Docker engine: found none, required >= 20.10",
      "        fix: install Docker, or point DOCKER_HOST or a docker context at an engine (there is no docker command)",
    ],
  ],
  [
    "a bare Debian as root, nobody to ask",
    { engine: noClient, system: bare },
    [
      "MISSING Docker engine: found none, required >= 20.10",
      "        fix: run it again with -y to install docker.io, iptables from this system's packages and start the Docker engine, or do it yourself: apt-get update && apt-get install docker.io iptables && systemctl enable --now docker",
    ],
  ],
  [
    "an engine that was not started, without systemd",
    { engine: noEngine, system: { ...bare, systemd: false, daemon: true } },
    [
      "MISSING Docker engine: found installed, not running, required >= 20.10",
      "        fix: run it again with -y to start the Docker engine, or do it yourself: setsid dockerd >/var/log/dockerd.log 2>&1 &",
    ],
  ],
  [
    "little memory",
    { engine: { ...GOOD.engine, memory: GIB } },
    ["MISSING Memory: found 1.0 GiB, required >= 1.5 GiB", "        fix: give the engine more memory"],
  ],
  [
    "little disk for a build",
    { engine: { ...GOOD.engine, freeDisk: 5 * GIB } },
    ["MISSING Disk: found 5.0 GiB free, required >= 6.0 GiB", '        fix: free space, for example with "docker system prune"'],
  ],
  ["enough disk when images are built", { engine: { ...GOOD.engine, freeDisk: 5 * GIB }, imagesBuilt: true }, []],
  ["an engine elsewhere", { engine: { ...GOOD.engine, freeDisk: undefined }, ports: [] }, []],
  [
    "a taken port",
    { ports: [{ listen: "127.0.0.1:8080", takenByOther: true, fix: "choose another" }] },
    ["MISSING Port 127.0.0.1:8080: found taken by another program, required free", "        fix: choose another"],
  ],
  [
    "networks of another checkout",
    { foreignNetworks: ["demo-edge", "demo-egress"] },
    [
      "MISSING State: found the networks demo-edge, demo-egress, unknown to Terraform's state here, required networks this checkout made, or none",
      "        fix: work in the checkout that made them, give this environment another name, or, where that checkout and its state are gone, remove what is left of it (volumes stay, and are taken over): docker ps -aq --filter label=codex-fleet.environment=demo | xargs -r docker rm -f; docker network rm demo-edge demo-egress",
    ],
  ],
  [
    "no provider",
    { provider: { version: undefined, problem: "could not connect" } },
    [
      "MISSING Docker provider: found none (could not connect), required kreuzwerker/docker ~> 4.5",
      "        fix: let Terraform reach its registry, or put the provider into its implied local mirror (~/.terraform.d/plugins)",
    ],
  ],
  [
    "an image nobody has, and no stand-in",
    { images: [absent] },
    [
      "MISSING Image postgres:17: found not reachable (no such host), required present, or in a registry that answers",
      '        fix: connect to the registry, load the image with "docker load", or make a stand-in: run it as root, then /p/make.sh',
    ],
  ],
  [
    "an image nobody has, and a stand-in that lacks a package",
    { images: [absent], system: bare, standIns: { ...GOOD.standIns, debootstrap: false } },
    [
      "MISSING Image postgres:17: found not reachable; will be made from Debian packages as codex-fleet/postgres:17, required present, or in a registry that answers",
      "        fix: run it again with -y to install debootstrap, debian-archive-keyring from this system's packages, or do it yourself: apt-get update && apt-get install debootstrap debian-archive-keyring",
    ],
  ],
  [
    "an image nobody has, on an engine elsewhere",
    { images: [absent], system: bare, standIns: { local: false, debootstrap: false, buildClient: false, script: "/p/make.sh" } },
    [
      "MISSING Image postgres:17: found not reachable (no such host), required present, or in a registry that answers",
      '        fix: connect to the registry, load the image with "docker load", or make a stand-in: run this on the engine\'s own machine, install debootstrap (apt-get install debootstrap debian-archive-keyring), install docker-buildx (apt-get install docker-buildx), then /p/make.sh',
    ],
  ],
  ["an image that can be made here", { images: [absent], system: bare }, []],
])("%s", (_what, facts, lines) => {
  expect(prerequisiteLines(prerequisites({ ...GOOD, ...facts }, false).filter(({ ok }) => !ok))).toEqual(lines);
});

test.each<[string, Partial<MachineFacts>, string[]]>([
  [
    "an engine to install",
    { engine: noClient, system: bare },
    [
      "ok      Docker engine: found none; up will install docker.io, iptables from this system's packages and start the Docker engine, required >= 20.10",
    ],
  ],
  [
    "what stand-ins are made with",
    { images: [absent], system: bare, standIns: { ...GOOD.standIns, debootstrap: false, buildClient: false } },
    [
      "ok      Image postgres:17: found not reachable; will be made from Debian packages as codex-fleet/postgres:17; up will install debootstrap, debian-archive-keyring, docker-buildx from this system's packages, required present, or in a registry that answers",
    ],
  ],
])("with a yes, %s is no obstacle", (_what, facts, lines) => {
  const rows = prerequisites({ ...GOOD, ...facts }, true);
  expect(rows.filter(({ ok }) => !ok)).toEqual([]);
  expect(prerequisiteLines(rows.filter(({ found }) => found.includes("up will")))).toEqual(lines);
});

test.each([
  ["20.10.24+dfsg1", "20.10.0", 1],
  ["20.10.0", "20.10.0", 0],
  ["9.0.0", "10.0.0", -1],
  ["1.5.0-rc1", "1.5.0", 0],
  ["28", "20.10.0", 1],
])("version %s against %s", (left, right, sign) => {
  expect(Math.sign(compareVersions(left, right))).toBe(sign);
});
