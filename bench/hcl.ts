import { serviceOf } from "./compose";
import type { Resources } from "./fleet";

/** Attributes that HCL writes as blocks. */
const BLOCKS = [
  ...["build", "capabilities", "healthcheck", "labels", "lifecycle", "mounts", "networks_advanced", "ports", "timeouts", "ulimit"],
];

/** What a fleet's resources are called in HCL: containers like their service, images like the end of their repository. */
export function hclNames({ docker_image, docker_container }: Resources): ReadonlyMap<string, string> {
  return new Map([
    ...Object.entries(docker_image).map(([id, { name }]) => [`docker_image.${id}`, /([\w-]+):[^/]*$/.exec(name)![1]!] as const),
    ...Object.entries(docker_container).map(([id, container]) => [`docker_container.${id}`, serviceOf(container)] as const),
  ]);
}

/** The same resources as somebody writes them who uses Terraform without the CDK: one file in HCL, one block for each. */
export function hcl(resources: Resources): string {
  const names = hclNames(resources);
  const head = `terraform {
  required_providers {
    docker = {
      source  = "kreuzwerker/docker"
      version = "~> 4.5"
    }
  }
}

provider "docker" {}
`;
  const blocks = (["docker_image", "docker_container"] as const).flatMap((type) =>
    Object.entries(resources[type]).map(
      ([id, resource]) => `resource "${type}" "${names.get(`${type}.${id}`)}" {\n${body(resource, names, "  ")}\n}\n`,
    ),
  );
  return [head, ...blocks].join("\n");
}

type Names = ReadonlyMap<string, string>;

function body(entries: object, names: Names, indent: string): string {
  const lines = Object.entries(entries).flatMap(([key, value]: [string, unknown]) => {
    if (!BLOCKS.includes(key)) return [`${indent}${key} = ${expression(key, value, names, indent)}`];
    const blocks = (Array.isArray(value) ? value : [value]) as object[];
    return blocks.map((block) => `${indent}${key} {\n${body(block, names, `${indent}  `)}\n${indent}}`);
  });
  return lines.join("\n");
}

function expression(key: string, value: unknown, names: Names, indent: string): string {
  if (Array.isArray(value)) {
    if (key === "ignore_changes") return `[${value.join(", ")}]`;
    return value.length === 0 ? "[]" : `[\n${value.map((item) => `${indent}  ${text(item, names)},`).join("\n")}\n${indent}]`;
  }
  if (typeof value === "object" && value !== null) {
    const lines = Object.entries(value).map(([name, item]) => `${indent}  ${JSON.stringify(name)} = ${text(item, names)}`);
    return `{\n${lines.join("\n")}\n${indent}}`;
  }
  return text(value, names);
}

/** A reference alone stands without quotes; quotes, backslashes and line ends are escaped in HCL as in JSON, outside of `${}`. */
function text(value: unknown, names: Names): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const reference = /^\$\{(docker_image\.\w+)\.image_id\}$/.exec(value);
  if (reference !== null) return `docker_image.${names.get(reference[1]!)}.image_id`;
  return value
    .split(/(?<!\$)(\$\{[^}]*\})/)
    .map((part, index) => (index % 2 === 1 ? part : JSON.stringify(part).slice(1, -1)))
    .join("")
    .replace(/^[^]*$/, (whole) => `"${whole}"`);
}

/** A state for the HCL, made from the state of the stack: the same resources under their names in HCL. */
export function hclState(state: string, resources: Resources): string {
  const names = hclNames(resources);
  const renamed = (address: string): string => {
    const name = names.get(address);
    return name === undefined ? address : `${address.slice(0, address.indexOf("."))}.${name}`;
  };
  const read = JSON.parse(state) as { resources: { type: string; name: string; instances: { dependencies?: string[] }[] }[] };
  return JSON.stringify({
    ...read,
    outputs: {},
    check_results: null,
    resources: read.resources.map((resource) => ({
      ...resource,
      name: renamed(`${resource.type}.${resource.name}`).slice(resource.type.length + 1),
      instances: resource.instances.map((instance) => ({
        ...instance,
        ...(instance.dependencies === undefined ? {} : { dependencies: instance.dependencies.map(renamed) }),
      })),
    })),
  });
}
