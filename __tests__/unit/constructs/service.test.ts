import { Duration, HealthCheck, RegistryImage, Replacement, Service } from "../../../constructs";
import type { ServiceProps } from "../../../constructs";
import { addDockerProvider, TerraformStack } from "../../../constructs/tf";
import { synthesized } from "../../support/synthesized";
import type { Json } from "../../support/synthesized";

const MINIMAL: Omit<ServiceProps, "image"> = {
  environment: "test",
  service: "thing",
  networks: ["test-backplane"],
  healthCheck: HealthCheck.command(["true"]),
  memory: 64,
  cpus: 0.5,
};

function containerWith(props: Partial<ServiceProps>, then: (service: Service) => void = () => undefined): Json {
  const stacks = synthesized((app) => {
    const stack = new TerraformStack(app, "s");
    addDockerProvider(stack);
    then(new Service(stack, "Thing", { ...MINIMAL, image: new RegistryImage(stack, "Image", "tiny:1"), ...props }));
  });
  return Object.values(stacks.get("s")!.resource.docker_container!)[0]!;
}

test("a minimal service is safe", () => {
  expect(containerWith({})).toMatchInlineSnapshot(`
   {
     "capabilities": {
       "drop": [
         "ALL",
       ],
     },
     "cpus": "0.5",
     "destroy_grace_seconds": 10,
     "env": [],
     "healthcheck": {
       "interval": "1s",
       "retries": 3,
       "start_period": "30s",
       "test": [
         "CMD",
         "sh",
         "-c",
         "check() {
     timeout -k 1 3 "$@" && return
     case $? in 124 | 137 | 143) echo "no answer within 3 s" >&2; exit 1; esac
     return 1
   }
   i=0
   if rm /dev/shm/healthy 2>/dev/null; then
     while [ $((i += 1)) -le 20 ]; do check "$@" || exit 1; sleep 3; done
   else
     until check "$@"; do [ $((i += 1)) -lt 10 ] || exit 1; sleep 0.5; done
   fi
   touch /dev/shm/healthy",
         "probe",
         "true",
       ],
       "timeout": "2m10s",
     },
     "image": "\${docker_image.Image_9D742C96.image_id}",
     "init": true,
     "labels": [
       {
         "label": "codex-fleet.environment",
         "value": "test",
       },
       {
         "label": "codex-fleet.service",
         "value": "thing",
       },
       {
         "label": "codex-fleet.digest",
         "value": "6d1b095bbac3",
       },
     ],
     "log_driver": "json-file",
     "log_opts": {
       "max-file": "5",
       "max-size": "10m",
     },
     "memory": 64,
     "memory_swap": 64,
     "mounts": [],
     "must_run": true,
     "name": "test-thing",
     "networks_advanced": [
       {
         "aliases": [
           "thing",
         ],
         "name": "test-backplane",
       },
     ],
     "ports": [],
     "read_only": true,
     "restart": "unless-stopped",
     "security_opts": [
       "no-new-privileges",
     ],
     "stop_timeout": 10,
     "timeouts": {
       "create": "3m27s",
       "delete": "2m10s",
     },
     "ulimit": [
       {
         "hard": 4096,
         "name": "nproc",
         "soft": 4096,
       },
     ],
     "user": "1000:1000",
     "wait": true,
     "wait_timeout": 87,
   }
  `);
});

test("everything that can be said is written", () => {
  const container = containerWith({
    replica: 2,
    uid: 999,
    hostname: "thing",
    entrypoint: ["/init"],
    command: ["run", "${x}"],
    variables: { B: "2", A: "${1}" },
    mounts: [
      { volume: "data", path: "/data" },
      { volume: "secrets", path: "/run/secrets", readOnly: true },
    ],
    tmpfs: [{ path: "/tmp", size: 16, executable: true }],
    ports: [
      { container: 9000, host: "[::1]:9001" },
      { container: 80, host: "127.0.0.1:8080" },
    ],
    stopGracePeriod: Duration.minutes(36),
    removeTimeout: Duration.minutes(38),
    secretRevision: 3,
  });
  const { name, user, hostname, entrypoint, command, env, mounts, tmpfs, ports, stop_timeout, destroy_grace_seconds, timeouts } = container;
  expect({ name, user, hostname, entrypoint, command, env, mounts, tmpfs, ports, stop_timeout, destroy_grace_seconds, timeouts }).toEqual({
    name: "test-thing-2",
    user: "999:999",
    hostname: "thing",
    entrypoint: ["/init"],
    command: ["run", "$${x}"],
    env: ["A=$${1}", "B=2"],
    mounts: [
      { type: "volume", source: "data", target: "/data", read_only: false },
      { type: "volume", source: "secrets", target: "/run/secrets", read_only: true },
    ],
    tmpfs: { "/tmp": "rw,nosuid,nodev,exec,size=16m,uid=999,gid=999,mode=0700" },
    ports: [
      { internal: 80, external: 8080, ip: "127.0.0.1", protocol: "tcp" },
      { internal: 9000, external: 9001, ip: "::1", protocol: "tcp" },
    ],
    stop_timeout: 2160,
    destroy_grace_seconds: 2160,
    timeouts: { create: "3m27s", delete: "38m0s" },
  });
});

test("a service that is created first has a name of its own each time, and no other has", () => {
  const { name, lifecycle } = containerWith({ replacement: Replacement.CREATE_FIRST });
  expect({ name, lifecycle }).toEqual({
    name: 'test-thing-${formatdate("DDhhmmss", plantimestamp())}',
    lifecycle: { create_before_destroy: true, ignore_changes: ["name"] },
  });
  expect(containerWith({}).lifecycle).toBeUndefined();
});

test.each([
  [0.1, "0.1"],
  [0.25, "0.25"],
  [0.5, "0.5"],
  [1, "1.0"],
  [1.5, "1.5"],
  [10, "10."],
  [10.5, "10.5"],
])("%d processors are written %s, as the provider reads them back", (cpus, text) => {
  expect(containerWith({ cpus }).cpus).toBe(text);
});

describe("the digest label", () => {
  const digestOf = (container: Json): string =>
    (container.labels as { label: string; value: string }[]).find(({ label }) => label === "codex-fleet.digest")!.value;
  const base = digestOf(containerWith({}));

  test.each<[string, Partial<ServiceProps>]>([
    ["health check", { healthCheck: HealthCheck.command(["true"], { retries: 4 }) }],
    ["mounts", { mounts: [{ volume: "v", path: "/v" }] }],
    ["tmpfs", { tmpfs: [{ path: "/tmp", size: 1 }] }],
    ["secret revision", { secretRevision: 1 }],
  ])("changes with the %s, for which the provider would not replace the container", (_, props) => {
    expect(digestOf(containerWith(props))).not.toBe(base);
  });

  test("changes with a mount that is added later", () => {
    const mounts = [{ volume: "v", path: "/v", readOnly: true }];
    expect(digestOf(containerWith({}, (service) => service.mount("v", "/v", { readOnly: true })))).toBe(
      digestOf(containerWith({ mounts })),
    );
  });

  test("stays for what the provider replaces by itself", () => {
    expect(digestOf(containerWith({ variables: { A: "1" }, command: ["x"], memory: 128 }))).toBe(base);
  });
});

test("variables that are added later go over those before", () => {
  const { env } = containerWith({ variables: { A: "1", B: "1" } }, (service) => service.addVariables({ B: "2", C: "3" }));
  expect(env).toEqual(["A=1", "B=2", "C=3"]);
});

test("the provider's resource is the default child", () => {
  synthesized((app) => {
    const stack = new TerraformStack(app, "s");
    addDockerProvider(stack);
    const service = new Service(stack, "Thing", { ...MINIMAL, image: { reference: "x:1", imageId: "x:1" } });
    expect(service.node.defaultChild?.node.path).toBe("s/Thing/Resource");
  });
});

test.each<[string, Partial<ServiceProps>, string]>([
  ["root", { uid: 0 }, "uid must not be 0: containers never run as root"],
  ["no network", { networks: [] }, "networks must name at least one network, got none"],
  ["no memory", { memory: 0 }, "memory must be at least 6 MiB, got 0"],
  ["no processor", { cpus: 0 }, "cpus must be at least 0.1, got 0"],
  ["no time to stop", { stopGracePeriod: Duration.seconds(0) }, "stop grace period must be longer than 0: 0 kills at once"],
  ["replica 0", { replica: 0 }, "replica must be a whole number from 1, got 0"],
  ["the engine's socket", { mounts: [{ volume: "v", path: "/var/run/docker.sock" }] }, "the engine's socket must not be mounted"],
  ["a relative path", { mounts: [{ volume: "v", path: "data" }] }, 'mount path must be absolute, got "data"'],
  [
    "a path used twice",
    { mounts: [{ volume: "v", path: "/d" }], tmpfs: [{ path: "/d", size: 1 }] },
    'mount path must be used once, got "/d" twice',
  ],
  [
    "a port of a service that is created first",
    { replacement: Replacement.CREATE_FIRST, ports: [{ container: 1, host: "127.0.0.1:8080" }] },
    "ports must be empty when the new container is created first: the old one still holds them",
  ],
])("fails for %s", (_, props, message) => {
  expect(() => containerWith(props)).toThrow(new Error(`service thing: ${message}`));
});

test("fails for a port without an address", () => {
  expect(() => containerWith({ ports: [{ container: 80, host: "8080" }] })).toThrow(
    'published port must be an address and a port such as "127.0.0.1:8080", got "8080"',
  );
});
