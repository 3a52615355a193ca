import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { ServiceName } from "../../constructs/resource-names";
import type { EnvironmentSettings } from "../../constructs/environment-schema";
import { containerVariables } from "../../constructs/environment-variables";
import type { OwnVariables } from "../../constructs/environment-variables";
import { ImageLayout, VARIABLE_LIST } from "../../runtime/contract";
import type { VariableReader } from "../../runtime/contract";
import type { Ports } from "./ports";

/** Variables of this shell that a process with network access needs. */
const PASSED = ["SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "TZ"];
const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"];
const LOOPBACK = "127.0.0.1,localhost";

/** Port of the scripted services inside their containers. */
const SCRIPTED_PORT = 8080;

/**
 * The shell's variables for the fleet's processes if `[network]` sets none: certificates and proxies. The loopback interface
 * is excluded from proxies.
 */
export function passedVariables(
  environment: Readonly<Record<string, string | undefined>>,
  network: EnvironmentSettings["network"],
): Record<string, string> {
  const given = (names: readonly string[]) =>
    names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]] as const]));
  const proxies = network.http_proxy === undefined && network.https_proxy === undefined ? given(PROXIES) : [];
  const except = [environment["NO_PROXY"] ?? environment["no_proxy"], LOOPBACK].filter(Boolean).join(",");
  return Object.fromEntries([
    ...given(PASSED),
    ...proxies,
    ...(proxies.length === 0 ? [] : [["NO_PROXY", except] as const, ["no_proxy", except] as const]),
  ]);
}

export interface VariablesOf {
  readonly settings: EnvironmentSettings;
  readonly reader: VariableReader;
  readonly ports: Ports;
  readonly own: OwnVariables;
  /** File with the trusted certificate authorities on this machine. */
  readonly authorities: string;
}

/** The contract's variables for one process, as in its container, but with broker, database and scripted services on this machine. */
export function localVariables({ settings, reader, ports, own, authorities }: VariablesOf): Record<string, string> {
  const services: OwnVariables = {
    ...(settings.broker.url === undefined
      ? { CELERY_BROKER_URL: `amqp://127.0.0.1:${ports.broker}//`, RABBITMQ_USER: reader === "api" ? "api" : "worker" }
      : {}),
    ...(settings.database.host === undefined ? { POSTGRES_HOST: "127.0.0.1", POSTGRES_PORT: String(ports.database) } : {}),
  };
  const inContainers = containerVariables(settings, reader, { ...services, ...own });
  const variables = Object.fromEntries(
    Object.entries(inContainers).map(([name, value]) => [name, value === ImageLayout.authorities ? authorities : value]),
  );
  if (!settings.demo.scripted_services) return variables;
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, onLoopback(value, ports)]));
}

/** Replaces addresses of the containers' network by addresses on this machine. */
function onLoopback(value: string, ports: Ports): string {
  return value
    .replace(`http://${ServiceName.scriptedModel}:${SCRIPTED_PORT}`, `http://127.0.0.1:${ports.scriptedModel}`)
    .replace(`http://${ServiceName.scriptedGithub}:${SCRIPTED_PORT}`, `http://127.0.0.1:${ports.scriptedGithub}`);
}

/** The authorities of this machine and those of `[network]`, as one PEM text; undefined when `[network]` has none. */
export function localAuthorities(
  network: EnvironmentSettings["network"],
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (network.ca_bundle === undefined) return undefined;
  const system = [environment["SSL_CERT_FILE"], "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];
  const found = system.find((file) => file !== undefined && existsSync(file));
  return [...(found === undefined ? [] : [found]), network.ca_bundle].map((file) => readFileSync(file, "utf8").trimEnd()).join("\n") + "\n";
}

/** Directories with skills; the image's directory is replaced by the package's own. */
export function skillRoots(settings: EnvironmentSettings, ours: string): string {
  const written = (settings.variables as Readonly<Record<string, string | undefined>>)["SPEC_WORKFLOW_SKILLS_ROOT"] ?? ImageLayout.skills;
  return written
    .split(",")
    .map((root) => (root.trim() === ImageLayout.skills ? ours : root.trim()))
    .join(",");
}

/** A variable `NAME_FILE` for every secret in a reader's directory, and the files themselves. */
export function secretVariables(
  reader: VariableReader,
  directory: string,
): { readonly variables: Record<string, string>; readonly files: string[] } {
  const found = VARIABLE_LIST.filter(([, { secret, readers }]) => secret === true && readers.includes(reader))
    .map(([name]) => [`${name}_FILE`, path.join(directory, name.toLowerCase())] as const)
    .filter(([, file]) => existsSync(file));
  return { variables: Object.fromEntries(found), files: found.map(([, file]) => file) };
}
