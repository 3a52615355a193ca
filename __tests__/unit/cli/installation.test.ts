import { planInstallation } from "../../../cli/up/installation";
import type { Installation } from "../../../cli/up/installation";
import type { MachineFacts } from "../../../cli/up/machine-facts";

const present = {
  key: "postgres",
  reference: "postgres:17",
  source: "local",
  problem: undefined,
  standIn: "codex-fleet/postgres:17",
} as const;
const absent = { ...present, source: "absent" } as const;

const BARE: MachineFacts = {
  environment: "demo",
  node: "24.1.0",
  terraform: "1.11.4",
  provider: { version: "4.5.0", problem: undefined },
  engine: {
    version: undefined,
    problem: "there is no docker command",
    client: false,
    defaultAddress: true,
    memory: 0,
    freeDisk: undefined,
  },
  ports: [],
  images: [],
  system: { packageManager: "apt-get", root: true, systemd: false, daemon: false },
  standIns: { local: false, debootstrap: false, buildClient: false, script: "make.sh" },
  foreignNetworks: [],
  imagesBuilt: false,
  network: { bridgeMtu: undefined, uplinkMtu: undefined, caBundle: undefined },
};
const RUNNING: Partial<MachineFacts> = {
  engine: { ...BARE.engine, version: "26.1.5", problem: undefined, client: true },
  standIns: { local: true, debootstrap: false, buildClient: true, script: "make.sh" },
};

const ENGINE = { packages: ["docker.io", "iptables"], whereAvailable: ["docker-cli", "docker-buildx"], startEngine: true };
const START = { packages: [], whereAvailable: [], startEngine: true };

test.each<[string, Partial<MachineFacts>, Installation | undefined]>([
  ["a bare machine gets an engine", {}, ENGINE],
  ["one with a daemon and no client too", { system: { ...BARE.system, daemon: true } }, ENGINE],
  ["one with a client and no daemon too", { engine: { ...BARE.engine, client: true } }, ENGINE],
  ["an installed engine is started", { engine: { ...BARE.engine, client: true }, system: { ...BARE.system, daemon: true } }, START],
  ["not as an ordinary user", { system: { ...BARE.system, root: false } }, undefined],
  ["not on a system without apt", { system: { ...BARE.system, packageManager: "dnf" } }, undefined],
  ["not without Terraform, which would use it", { terraform: undefined }, undefined],
  ["not with a Terraform that is too old", { terraform: "1.4.7" }, undefined],
  ["not without Terraform's provider", { provider: { version: undefined, problem: "no answer" } }, undefined],
  ["not where another engine is meant", { engine: { ...BARE.engine, defaultAddress: false } }, undefined],
  ["nothing where an engine answers and images are there", { ...RUNNING, images: [present] }, undefined],
  [
    "debootstrap where an image has to be made",
    { ...RUNNING, images: [present, absent] },
    { packages: ["debootstrap", "debian-archive-keyring"], whereAvailable: [], startEngine: false },
  ],
  [
    "a builder where the client has none",
    { ...RUNNING, images: [absent], standIns: { ...RUNNING.standIns!, debootstrap: true, buildClient: false } },
    { packages: ["docker-buildx"], whereAvailable: [], startEngine: false },
  ],
  ["nothing more when both are there", { ...RUNNING, images: [absent], standIns: { ...RUNNING.standIns!, debootstrap: true } }, undefined],
  ["nothing for an engine elsewhere", { ...RUNNING, images: [absent], standIns: BARE.standIns }, undefined],
])("%s", (_what, facts, plan) => {
  expect(planInstallation({ ...BARE, ...facts })).toEqual(plan);
});
