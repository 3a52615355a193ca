import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { rootCertificates } from "node:tls";
import { Environment } from "../../../constructs";
import type { EnvironmentInput, EnvironmentError } from "../../../constructs";
import { ImageLayout } from "../../../runtime/contract";
import { containerOf, ownParts, synthesizedFleet } from "../../support/synthesized";

/** A certificate in PEM form. */
const CERTIFICATE = new X509Certificate(rootCertificates[0]!).toString();

const directory = mkdtempSync(path.join(tmpdir(), "fleet-way-out-"));
const bundle = written("corp.pem", `# our own\n${CERTIFICATE}`);

function written(name: string, text: string): string {
  const file = path.join(directory, name);
  writeFileSync(file, text);
  return file;
}

const settingsOf = (input: EnvironmentInput) => Environment.fromSettings({ embedding: { provider: "none" }, ...input }).settings;

function problemsOf(input: EnvironmentInput): string[] {
  try {
    settingsOf(input);
    return [];
  } catch (error) {
    return (error as EnvironmentError).problems.map(({ key, message, fix }) => `${key} ${message}; ${fix}`);
  }
}

const OWN = "localhost,127.0.0.1,::1,rabbitmq,postgres,api,celery_codex_worker,celery_gemini_worker,scripted_model,scripted_github";

/** The properties of a container that depend on `[network]`. */
function difference(input: EnvironmentInput, service: string) {
  const parts = (settings: EnvironmentInput) => ownParts(containerOf(synthesizedFleet(settings).fleet, service));
  const [without, within] = [parts({}), parts(input)];
  const added = (within["env"] as string[]).filter((each) => !(without["env"] as string[]).includes(each));
  return { added, tmpfs: Object.keys(within["tmpfs"] as object).filter((each) => !(each in (without["tmpfs"] as object))) };
}

test.each(["celery_codex_worker", "celery_gemini_worker"])("%s has the proxies under every name", (service) => {
  const network = { https_proxy: "http://proxy.example:3128", no_proxy: "git.corp.example, .intern" };
  expect(difference({ network }, service)).toEqual({
    added: [
      "HTTPS_PROXY=http://proxy.example:3128",
      "NODE_USE_ENV_PROXY=1",
      `NO_PROXY=${OWN},git.corp.example,.intern`,
      "https_proxy=http://proxy.example:3128",
      `no_proxy=${OWN},git.corp.example,.intern`,
    ],
    tmpfs: [],
  });
});

test("the API, which makes no outbound requests, has no proxy", () => {
  expect(difference({ network: { https_proxy: "http://proxy.example:3128" } }, "api")).toEqual({ added: [], tmpfs: [] });
});

const TRUST = [
  "CURL_CA_BUNDLE",
  "FLEET_CA_BUNDLE",
  "GIT_SSL_CAINFO",
  "NODE_EXTRA_CA_CERTS",
  "PIP_CERT",
  "REQUESTS_CA_BUNDLE",
  "SSL_CERT_FILE",
];

test.each(["api", "celery_codex_worker", "celery_gemini_worker"])("%s trusts the authorities, which come as text", (service) => {
  expect(difference({ network: { ca_bundle: bundle } }, service)).toEqual({
    added: TRUST.map((name) => `${name}=${name === "FLEET_CA_BUNDLE" ? CERTIFICATE : ImageLayout.authorities}`),
    tmpfs: ["/run/certificates"],
  });
});

test.each([
  ["beside the image's own", "public\n", `public\n${CERTIFICATE}`],
  ["in an image that has none", undefined, CERTIFICATE],
])("a container writes them down before its program starts, %s", (_, image, expected) => {
  const { command } = containerOf(synthesizedFleet({ network: { ca_bundle: bundle } }).fleet, "api") as { command: string[] };
  const root = mkdtempSync(path.join(directory, "root-"));
  mkdirSync(path.join(root, "run/certificates"), { recursive: true });
  mkdirSync(path.join(root, "etc/ssl/certs"), { recursive: true });
  if (image !== undefined) writeFileSync(path.join(root, "etc/ssl/certs/ca-certificates.crt"), image);
  const script = command[2]!.replaceAll("/run/", `${root}/run/`).replaceAll("/etc/", `${root}/etc/`);
  const said = execFileSync(
    command[0]!,
    [command[1]!, script, command[3]!, "sh", "-c", 'echo "$# ${FLEET_CA_BUNDLE-gone}"', "name", "one"],
    {
      env: { PATH: process.env["PATH"], FLEET_CA_BUNDLE: CERTIFICATE },
      encoding: "utf8",
    },
  );
  expect([command.slice(3), said]).toEqual([["fleet", "node", "/opt/fleet/runtime/api.js"], "1 gone\n"]);
  expect(readFileSync(path.join(root, "run/certificates/ca-bundle.pem"), "utf8")).toBe(expected);
});

test("a fleet without authorities starts with the plain command", () => {
  expect(containerOf(synthesizedFleet().fleet, "api")["command"]).toEqual(["node", "/opt/fleet/runtime/api.js"]);
});

test.each<[what: string, input: EnvironmentInput, build: object]>([
  [
    "takes all it does not say itself",
    { network: { http_proxy: "http://one:1", https_proxy: "http://two:2", no_proxy: "intern", ca_bundle: bundle } },
    { http_proxy: "http://one:1", https_proxy: "http://two:2", no_proxy: "intern", ca_bundle: bundle },
  ],
  [
    "keeps what it says",
    { network: { https_proxy: "http://two:2", ca_bundle: bundle }, build: { https_proxy: "http://three:3", ca_bundle: "/elsewhere" } },
    { https_proxy: "http://three:3", ca_bundle: "/elsewhere" },
  ],
  [
    "takes no proxy that asks for credentials",
    { network: { https_proxy: "http://two:2", proxy_credentials: true, no_proxy: "intern" } },
    { no_proxy: "intern" },
  ],
  ["gives nothing back", { build: { https_proxy: "http://three:3" } }, { https_proxy: "http://three:3" }],
])("a build %s", (_, input, build) => {
  expect(settingsOf(input).build).toEqual({ network: "default", packages: [], ...build });
});

test("the file is found from the environment file", () => {
  const file = written("dev.toml", '[embedding]\nprovider = "none"\n[network]\nca_bundle = "corp.pem"\n');
  expect(Environment.fromFile(file).settings.network).toEqual({ proxy_credentials: false, ca_bundle: bundle });
});

const ADDRESS = 'must be the address of a proxy with its port, such as "http://proxy.example:3128"';
const HOSTS =
  'must name hosts, domains such as ".corp.example" or addresses, separated by commas, without "*" and "http://", which some programs do not understand';
const REMOVE = "correct it or remove the key";

test.each<[network: NonNullable<EnvironmentInput["network"]>, problem: string]>([
  [{ https_proxy: "proxy.example:3128" }, `network.https_proxy ${ADDRESS}, got "proxy.example:3128"; ${REMOVE}`],
  [{ http_proxy: "socks5://proxy.example:1080" }, `network.http_proxy ${ADDRESS}, got "socks5://proxy.example:1080"; ${REMOVE}`],
  [{ https_proxy: "http://proxy.example" }, `network.https_proxy ${ADDRESS}, got "http://proxy.example"; ${REMOVE}`],
  [{ https_proxy: "http://proxy.example:3128/path" }, `network.https_proxy ${ADDRESS}, got "http://proxy.example:3128/path"; ${REMOVE}`],
  [
    { https_proxy: "http://me:p4ss/w@rd@proxy.example:3128" },
    `network.https_proxy must not hold credentials, which plan and state would show: leave them out, set network.proxy_credentials = true and run codex-fleet secrets set ENVIRONMENT proxy_credentials, got "http://***@proxy.example:3128"; ${REMOVE}`,
  ],
  [{ no_proxy: "*.corp.example" }, `network.no_proxy ${HOSTS}, got "*.corp.example"; ${REMOVE}`],
  [{ no_proxy: " , " }, `network.no_proxy ${HOSTS}, got " , "; ${REMOVE}`],
  [
    { proxy_credentials: true },
    "network.proxy_credentials must not be true without network.https_proxy or network.http_proxy: there is no proxy to give them to; set https_proxy, or remove the key",
  ],
  [
    { ca_bundle: "/nowhere/corp.pem" },
    "network.ca_bundle must name a file, got /nowhere/corp.pem, which is not a file; create it, correct the path or remove the key",
  ],
  [
    { ca_bundle: written("empty.pem", "nothing here\n") },
    `network.ca_bundle must hold certificates in PEM form (-----BEGIN CERTIFICATE-----), but holds none, got ${directory}/empty.pem; name a file with the certificates of your authorities, or remove the key`,
  ],
  [
    { ca_bundle: written("broken.pem", `${CERTIFICATE}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`) },
    `network.ca_bundle must hold certificates in PEM form: number 2 of 2 cannot be read, got ${directory}/broken.pem; name a file with the certificates of your authorities, or remove the key`,
  ],
  [
    { ca_bundle: written("key.pem", `${CERTIFICATE}-----BEGIN ${"PRIVATE"} KEY-----\nAAAA\n-----END ${"PRIVATE"} KEY-----\n`) },
    `network.ca_bundle must hold only certificates, but holds a private key, got ${directory}/key.pem; name a file with the certificates of your authorities, or remove the key`,
  ],
])("refused: %j", (network, problem) => {
  expect(problemsOf({ network })).toEqual([problem]);
});

test("the public authorities are too large for a container's environment", () => {
  const file = written("all.pem", rootCertificates.join("\n"));
  const [problem] = problemsOf({ network: { ca_bundle: file } });
  expect(problem?.replace(/got \d+ with \d+ KiB/, "got N with M KiB")).toBe(
    `network.ca_bundle must hold at most 96 KiB of certificates, got N with M KiB in ${file}; name a file with only your own authorities, on Debian one of /usr/local/share/ca-certificates: the images have the public ones`,
  );
});

test("variables that programs read are refused, with the key that sets them", () => {
  const variables = {
    HTTPS_PROXY: "http://proxy.example:3128",
    NO_PROXY: "rabbitmq,postgres,api",
    NODE_EXTRA_CA_CERTS: "/etc/ssl/certs/corp.pem",
  };
  expect(problemsOf({ variables: variables as never })).toEqual([
    "variables.HTTPS_PROXY is set by its own key; write network.https_proxy instead",
    "variables.NO_PROXY is set by its own key; write network.no_proxy instead",
    "variables.NODE_EXTRA_CA_CERTS is set by its own key; write network.ca_bundle instead",
  ]);
});
