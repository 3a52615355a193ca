import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { authorityVariables, certificateText, ImageLayout, proxyVariables, readCertificates } from "../runtime/contract";
import type { VariableReader } from "../runtime/contract";
import type { SettingIssue } from "./environment-problem";
import type { EnvironmentSettings } from "./environment-schema";
import { ServiceName } from "./resource-names";
import type { TmpfsMount } from "./service-props";

type NetworkSettings = EnvironmentSettings["network"];
type BuildSettings = EnvironmentSettings["build"];

/** In bytes. Linux allows 128 KiB for one environment variable, including its name. */
const MOST_TEXT = 96 * 1024;

/** `[network]` with the absolute path of its file, and what is wrong with that file. */
export function locateAuthorities(
  network: NetworkSettings,
  directory: string,
): { readonly network: NetworkSettings; readonly issues: SettingIssue[] } {
  if (network.ca_bundle === undefined) return { network, issues: [] };
  const file = path.resolve(directory, network.ca_bundle);
  const problem = authoritiesProblem(file);
  return {
    network: { ...network, ca_bundle: file },
    issues: problem === undefined ? [] : [{ path: ["network", "ca_bundle"], ...problem }],
  };
}

function authoritiesProblem(file: string): Pick<SettingIssue, "message" | "fix"> | undefined {
  if (!existsSync(file) || !statSync(file).isFile()) {
    return { message: `must name a file, got ${file}, which is not a file`, fix: "create it, correct the path or remove the key" };
  }
  try {
    const certificates = readCertificates(readFileSync(file, "utf8"));
    const size = certificateText(certificates).length;
    if (size <= MOST_TEXT) return undefined;
    return {
      message: `must hold at most ${MOST_TEXT / 1024} KiB of certificates, got ${certificates.length} with ${Math.ceil(size / 1024)} KiB in ${file}`,
      fix: "name a file with only your own authorities, on Debian one of /usr/local/share/ca-certificates: the images have the public ones",
    };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return {
      message: code === undefined ? `${message}, got ${file}` : `must name a file that can be read, got ${file} (${code})`,
      fix: "name a file with the certificates of your authorities, or remove the key",
    };
  }
}

/** `[build]`, with the values of `[network]` for keys that `[build]` does not set. A build cannot send credentials to a proxy. */
export function buildSettings(build: BuildSettings, network: NetworkSettings): BuildSettings {
  const { http_proxy, https_proxy, no_proxy, ca_bundle, proxy_credentials } = network;
  const inherited = { ...(proxy_credentials ? {} : { http_proxy, https_proxy }), no_proxy, ca_bundle };
  const given = Object.entries(inherited).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(given), ...build };
}

/** Hosts that no proxy can reach: the fleet's own services and the container itself. */
const NEVER_BY_PROXY = ["localhost", "127.0.0.1", "::1", ...Object.values(ServiceName)];

/** Hosts that are reached without a proxy: those of the setting, and always the fleet's own services. */
export function proxyExceptions(network: NetworkSettings): string {
  const written = (network.no_proxy ?? "").split(/[\s,]+/).filter((host) => host !== "");
  return [...new Set([...NEVER_BY_PROXY, ...written])].join(",");
}

/** Variables for outbound network access from a container. The API makes no outbound requests, so it gets no proxy. */
export function wayOutVariables(network: NetworkSettings, reader: VariableReader): Record<string, string> {
  const { http_proxy, https_proxy, ca_bundle } = network;
  return {
    ...(reader === "api" ? {} : proxyVariables({ http: http_proxy, https: https_proxy, except: proxyExceptions(network) })),
    ...(ca_bundle === undefined ? {} : authorityVariables(ImageLayout.authorities)),
  };
}

/** What a container needs besides its variables so that its programs trust the authorities of `[network]`. */
export interface TrustingStart {
  readonly command: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly tmpfs: readonly TmpfsMount[];
}

/**
 * Makes a container trust the authorities of `[network]`; without any it only returns the command. The text is an
 * environment variable, so that it needs no file on the engine's host and no image layer, and a change replaces the
 * container. The start command writes it to a file before the program starts, because programs read it only at start.
 */
export function trustingStart(network: NetworkSettings, command: readonly string[]): TrustingStart {
  if (network.ca_bundle === undefined) return { command, variables: {}, tmpfs: [] };
  const certificates = readCertificates(readFileSync(network.ca_bundle, "utf8"));
  return {
    command: ["sh", "-c", WRITE_AUTHORITIES, "fleet", ...command],
    variables: { [TEXT]: certificateText(certificates) },
    tmpfs: [{ path: path.posix.dirname(ImageLayout.authorities), size: 2 }],
  };
}

const TEXT = "FLEET_CA_BUNDLE";
const IMAGE_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";

/** The API's image has no file of authorities, since Node has a built-in list. */
const WRITE_AUTHORITIES = [
  "set -e",
  `{ if [ -f ${IMAGE_AUTHORITIES} ]; then cat ${IMAGE_AUTHORITIES}; fi; printf '%s' "$${TEXT}"; } > ${ImageLayout.authorities}`,
  `unset ${TEXT}`,
  'exec "$@"',
].join("\n");
