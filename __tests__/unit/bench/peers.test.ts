import { composeFile } from "../../../bench/compose";
import type { Resources } from "../../../bench/fleet";
import { hcl, hclState } from "../../../bench/hcl";

const IMAGE = {
  name: "codex-fleet/worker:1",
  keep_locally: true,
  build: { context: "assets/x", build_log_file: "x.log", build_args: { A: "b" } },
};
const WORKER = {
  name: 'demo-worker-1-${formatdate("DDhhmmss", plantimestamp())}',
  image: "${docker_image.Worker_1A.image_id}",
  user: "1000:1000",
  env: ["A=$${B}"],
  networks_advanced: [{ name: "demo-backplane", aliases: ["worker"] }],
  mounts: [{ type: "volume", source: "demo-data", target: "/data", read_only: true }],
  tmpfs: { "/tmp": "rw,size=1m" },
  ports: [{ ip: "127.0.0.1", external: 1, internal: 2, protocol: "tcp" }],
  labels: [{ label: "codex-fleet.replica", value: "2" }],
  healthcheck: { test: ["CMD", "sh", "-c", 'test "$1"'], interval: "1s", timeout: "3s", retries: 3, start_period: "30s" },
  restart: "unless-stopped",
  init: true,
  read_only: true,
  capabilities: { drop: ["ALL"] },
  security_opts: ["no-new-privileges"],
  memory: 64,
  memory_swap: 64,
  cpus: "0.5",
  ulimit: [{ name: "nproc", soft: 1, hard: 2 }],
  log_driver: "json-file",
  log_opts: { "max-size": "10m" },
  stop_timeout: 10,
  lifecycle: { create_before_destroy: true, ignore_changes: ["name"] },
};
const RESOURCES: Resources = { docker_image: { Worker_1A: IMAGE }, docker_container: { Worker_Replica_2B: WORKER } };

test("docker compose gets the same container", () => {
  expect(JSON.parse(composeFile(RESOURCES))).toEqual({
    name: "fleet-bench-compose",
    services: {
      worker_2: {
        image: "codex-fleet/worker:1",
        user: "1000:1000",
        environment: ["A=$${B}"],
        networks: { "demo-backplane": { aliases: ["worker"] } },
        volumes: [{ type: "volume", source: "demo-data", target: "/data", read_only: true }],
        tmpfs: ["/tmp:rw,size=1m"],
        ports: ["127.0.0.1:1:2"],
        healthcheck: { test: ["CMD", "sh", "-c", 'test "$$1"'], interval: "1s", timeout: "3s", retries: 3, start_period: "30s" },
        restart: "unless-stopped",
        init: true,
        read_only: true,
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges"],
        mem_limit: "64m",
        memswap_limit: "64m",
        cpus: 0.5,
        ulimits: { nproc: { soft: 1, hard: 2 } },
        logging: { driver: "json-file", options: { "max-size": "10m" } },
        stop_grace_period: "10s",
      },
    },
    networks: { "demo-backplane": { name: "demo-backplane", external: true } },
    volumes: { "demo-data": { name: "demo-data", external: true } },
  });
});

test("HCL has the same resources", () => {
  const text = hcl(RESOURCES);
  expect(text.slice(text.indexOf("resource"))).toMatchInlineSnapshot(`
   "resource "docker_image" "worker" {
     name = "codex-fleet/worker:1"
     keep_locally = true
     build {
       context = "assets/x"
       build_log_file = "x.log"
       build_args = {
         "A" = "b"
       }
     }
   }

   resource "docker_container" "worker_2" {
     name = "demo-worker-1-\${formatdate("DDhhmmss", plantimestamp())}"
     image = docker_image.worker.image_id
     user = "1000:1000"
     env = [
       "A=$\${B}",
     ]
     networks_advanced {
       name = "demo-backplane"
       aliases = [
         "worker",
       ]
     }
     mounts {
       type = "volume"
       source = "demo-data"
       target = "/data"
       read_only = true
     }
     tmpfs = {
       "/tmp" = "rw,size=1m"
     }
     ports {
       ip = "127.0.0.1"
       external = 1
       internal = 2
       protocol = "tcp"
     }
     labels {
       label = "codex-fleet.replica"
       value = "2"
     }
     healthcheck {
       test = [
         "CMD",
         "sh",
         "-c",
         "test \\"$1\\"",
       ]
       interval = "1s"
       timeout = "3s"
       retries = 3
       start_period = "30s"
     }
     restart = "unless-stopped"
     init = true
     read_only = true
     capabilities {
       drop = [
         "ALL",
       ]
     }
     security_opts = [
       "no-new-privileges",
     ]
     memory = 64
     memory_swap = 64
     cpus = "0.5"
     ulimit {
       name = "nproc"
       soft = 1
       hard = 2
     }
     log_driver = "json-file"
     log_opts = {
       "max-size" = "10m"
     }
     stop_timeout = 10
     lifecycle {
       create_before_destroy = true
       ignore_changes = [name]
     }
   }
   "
  `);
});

test("the state knows the same containers by their names in HCL", () => {
  const state = {
    version: 4,
    outputs: { url: { value: "x" } },
    resources: [
      { type: "docker_image", name: "Worker_1A", instances: [{ attributes: { id: "1" } }] },
      { type: "docker_container", name: "Worker_Replica_2B", instances: [{ dependencies: ["docker_image.Worker_1A"] }] },
    ],
  };
  expect(JSON.parse(hclState(JSON.stringify(state), RESOURCES))).toEqual({
    version: 4,
    outputs: {},
    check_results: null,
    resources: [
      { type: "docker_image", name: "worker", instances: [{ attributes: { id: "1" } }] },
      { type: "docker_container", name: "worker_2", instances: [{ dependencies: ["docker_image.worker"] }] },
    ],
  });
});
