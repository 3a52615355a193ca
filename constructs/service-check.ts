import path from "node:path";
import { Replacement } from "./service-props";
import type { PublishedPort, ServiceProps, TmpfsMount } from "./service-props";

/** @throws Error naming the service, the property and what is allowed. */
export function checkService(props: ServiceProps): void {
  const refuse = (problem: string): never => {
    throw new Error(`service ${props.service}: ${problem}`);
  };
  if (!/^[a-z0-9][a-z0-9_.-]*$/.test(props.service)) refuse("name must be lower-case letters, digits, -, _ and .");
  if (props.uid === 0) refuse("uid must not be 0: containers never run as root");
  if (props.networks.length === 0) refuse("networks must name at least one network, got none");
  if (!(props.memory >= 6)) refuse(`memory must be at least 6 MiB, got ${props.memory}`);
  if (!(props.cpus >= 0.1)) refuse(`cpus must be at least 0.1, got ${props.cpus}`);
  if (props.stopGracePeriod?.toMilliseconds() === 0) refuse("stop grace period must be longer than 0: 0 kills at once");
  if (props.replica !== undefined && !(Number.isInteger(props.replica) && props.replica >= 1)) {
    refuse(`replica must be a whole number from 1, got ${props.replica}`);
  }
  if (props.replacement === Replacement.CREATE_FIRST && (props.ports ?? []).length > 0) {
    refuse("ports must be empty when the new container is created first: the old one still holds them");
  }
  const targets = [...(props.mounts ?? []), ...(props.tmpfs ?? [])].map((mount) => mount.path);
  for (const target of targets) {
    if (!path.posix.isAbsolute(target)) refuse(`mount path must be absolute, got "${target}"`);
    if (targets.filter((each) => each === target).length > 1) refuse(`mount path must be used once, got "${target}" twice`);
  }
  if (targets.some((target) => target.endsWith("docker.sock"))) refuse("the engine's socket must not be mounted");
}

/** Mount options of a tmpfs: owned by the container's user, limited in size, no setuid programs, no devices. */
export function tmpfsOptions(mount: TmpfsMount, uid: number): string {
  return `rw,nosuid,nodev,${mount.executable === true ? "exec" : "noexec"},size=${mount.size}m,uid=${uid},gid=${uid},mode=0700`;
}

/** @throws Error when the host part is not an address and a port. */
export function publishedPort({ container, host }: PublishedPort) {
  const match = /^(\[.+\]|[^:]+):(\d+)$/.exec(host);
  if (match === null) throw new Error(`published port must be an address and a port such as "127.0.0.1:8080", got "${host}"`);
  return { internal: container, external: Number(match[2]), ip: match[1]!.replace(/^\[|\]$/g, ""), protocol: "tcp" };
}
