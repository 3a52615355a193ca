import { ContainerLabel } from "../../runtime/contract";
import type { Action, Attributes, PlannedResource } from "./plan-json";

/** The effects of a plan on a fleet: services, volumes, networks and ports. */
export interface FleetChanges {
  readonly counts: Readonly<Record<Exclude<Action, "none" | "read">, number>>;
  readonly services: readonly ServiceChange[];
  /** Repositories of images that are built or pulled. */
  readonly images: readonly string[];
  readonly volumes: VolumeChanges;
  /** Networks that are recreated, which disconnects every container on them. */
  readonly replacedNetworks: readonly string[];
  readonly exposure: readonly Exposure[];
  /** Maximum seconds until the last container is healthy and the last old one has finished, without image builds. */
  readonly longestWait: number;
}

/** Containers of one service with the same action for the same reasons. */
export interface ServiceChange {
  readonly service: string;
  readonly action: "create" | "update" | "replace" | "destroy";
  readonly containers: number;
  /** Whether the service is unavailable for some time. */
  readonly gap: boolean;
  /** Attributes that change; for `env` only the variables' names. */
  readonly causes: readonly string[];
  /** Maximum seconds for the old containers to finish their running jobs. */
  readonly grace: number;
}

export interface VolumeChanges {
  readonly created: readonly string[];
  /** Volumes deleted with their data, including those that are replaced. */
  readonly deleted: readonly string[];
  readonly forgotten: readonly string[];
}

/** A port of the engine's host that is opened or closed. */
export interface Exposure {
  readonly service: string;
  /** For example `127.0.0.1:8080`. */
  readonly address: string;
  readonly change: "opened" | "closed";
  /** Whether other machines can reach it. */
  readonly public: boolean;
}

const COUNTED = ["create", "update", "replace", "destroy", "forget", "import"] as const;

/** Derives the effects on a fleet from a plan. */
export function fleetChanges(resources: readonly PlannedResource[]): FleetChanges {
  const containers = resources.filter(({ type, action }) => type === "docker_container" && isChange(action));
  const volumes = resources.filter(({ type }) => type === "docker_volume");
  const names = (chosen: readonly PlannedResource[], actions: readonly Action[]) =>
    chosen
      .filter(({ action }) => actions.includes(action))
      .map(({ before, after, address }) => String((before ?? after)?.["name"] ?? address));
  return {
    counts: Object.fromEntries(
      COUNTED.map((action) => [action, resources.filter((each) => each.action === action).length]),
    ) as FleetChanges["counts"],
    services: grouped(containers),
    images: resources
      .filter(({ type, action }) => type === "docker_image" && (action === "create" || action === "replace"))
      .map(({ after, address }) => String(after?.["name"] ?? address).replace(/:[^:/]*$/, "")),
    volumes: {
      created: names(volumes, ["create"]),
      deleted: names(volumes, ["destroy", "replace"]),
      forgotten: names(volumes, ["forget"]),
    },
    replacedNetworks: names(
      resources.filter(({ type }) => type === "docker_network"),
      ["replace", "destroy"],
    ),
    exposure: containers.flatMap(exposureOf),
    longestWait: Math.max(0, ...containers.map(waitOf)),
  };
}

export function hasChanges({ counts }: FleetChanges): boolean {
  return Object.values(counts).some((count) => count > 0);
}

function isChange(action: Action): action is ServiceChange["action"] {
  return action === "create" || action === "update" || action === "replace" || action === "destroy";
}

function grouped(containers: readonly PlannedResource[]): ServiceChange[] {
  const groups = new Map<string, ServiceChange>();
  for (const container of containers) {
    const change: ServiceChange = {
      service: serviceOf(container),
      action: container.action as ServiceChange["action"],
      containers: 1,
      gap: container.action === "destroy" || (container.action === "replace" && !container.createFirst),
      causes: causesOf(container),
      grace: number(container.before?.["destroy_grace_seconds"]),
    };
    const key = JSON.stringify([change.service, change.action, change.gap, change.causes]);
    const before = groups.get(key);
    groups.set(
      key,
      before === undefined ? change : { ...before, containers: before.containers + 1, grace: Math.max(before.grace, change.grace) },
    );
  }
  return [...groups.values()];
}

/** The service in the container's label; for a container of another project, its name. */
function serviceOf({ before, after, address }: PlannedResource): string {
  return (
    labelsOf(after).get(ContainerLabel.service) ??
    labelsOf(before).get(ContainerLabel.service) ??
    text((before ?? after)?.["name"]) ??
    address
  );
}

/** Seconds for a new container to become healthy, plus those for the old one to finish. */
function waitOf({ action, before, after }: PlannedResource): number {
  const start = action === "create" || action === "replace" ? number(after?.["wait_timeout"]) : 0;
  const finish = action === "destroy" || action === "replace" ? number(before?.["destroy_grace_seconds"]) : 0;
  return start + finish;
}

function causesOf({ action, before, after, unknown, replacedFor }: PlannedResource): string[] {
  if (before === undefined || after === undefined) return [];
  const names = action === "replace" && replacedFor.length > 0 ? replacedFor : changedNames(before, after);
  return names.map((name) => {
    if (name === "env")
      return unknown.includes("env") ? "env" : `env ${keyChanges(variables(before), variables(after)).join(" ")}`.trimEnd();
    if (name === "labels") return labelCause(labelsOf(before), labelsOf(after));
    return name.replaceAll("_", " ");
  });
}

/** The digest label stands for the settings whose change alone would not make the provider replace a container. */
function labelCause(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string {
  const changed = keyChanges(before, after);
  const digest = changed.length === 1 && changed[0] === `~${ContainerLabel.digest}`;
  return digest ? "health check, mounts, tmpfs, init or secret revision" : `labels ${changed.join(" ")}`.trimEnd();
}

function changedNames(before: Attributes, after: Attributes): string[] {
  return Object.keys(after)
    .filter((name) => name in before && JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .sort();
}

/** `+KEY` is added, `-KEY` removed, `~KEY` changed; values are never shown. */
function keyChanges(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((key) => {
    if (!before.has(key)) return [`+${key}`];
    if (!after.has(key)) return [`-${key}`];
    return before.get(key) === after.get(key) ? [] : [`~${key}`];
  });
}

function variables(attributes: Attributes): Map<string, string> {
  const pairs = Array.isArray(attributes["env"]) ? (attributes["env"] as unknown[]).map(String) : [];
  return new Map(pairs.map((pair) => [pair.split("=", 1)[0]!, pair.slice(pair.indexOf("=") + 1)]));
}

function labelsOf(attributes: Attributes | undefined): Map<string, string> {
  const labels = (attributes?.["labels"] ?? []) as readonly { readonly label: string; readonly value: string }[];
  return new Map(Array.isArray(labels) ? labels.map(({ label, value }) => [label, value]) : []);
}

function exposureOf(container: PlannedResource): Exposure[] {
  const service = serviceOf(container);
  const [before, after] = [container.before, container.after].map((attributes) => publishedAddresses(attributes)) as [string[], string[]];
  const exposure = (address: string, change: Exposure["change"]) => ({ service, address, change, public: !isLoopback(address) });
  return [
    ...after.filter((address) => !before.includes(address)).map((address) => exposure(address, "opened")),
    ...before.filter((address) => !after.includes(address)).map((address) => exposure(address, "closed")),
  ];
}

function publishedAddresses(attributes: Attributes | undefined): string[] {
  const ports = (attributes?.["ports"] ?? []) as readonly { readonly ip?: string | null; readonly external?: number | null }[];
  // Without an address Docker publishes on every interface.
  return ports.map(({ ip, external }) => `${ip === undefined || ip === null || ip === "" ? "0.0.0.0" : ip}:${external ?? "any port"}`);
}

function isLoopback(address: string): boolean {
  return /^(127\.|\[?::1\]?:|localhost:)/.test(address);
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
