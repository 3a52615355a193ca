import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { Environment, FleetStack } from "../../../constructs";
import { VARIABLE_LIST } from "../../../runtime/contract";
import { SMALL_CONTEXT, synthesizedText } from "../../support/synthesized";

describe("the synthesized text", () => {
  const checkout = path.join(__dirname, "../../..");
  const build = () =>
    synthesizedText((app) => {
      const environments = Environment.fromDirectory(path.join(checkout, "environments"));
      for (const [name, environment] of environments) new FleetStack(app, name, environment, { imageContext: SMALL_CONTEXT() });
    });

  test("is the same twice, in another directory and with another shell", () => {
    const first = build();
    const shell = process.env;
    const directory = process.cwd();
    try {
      process.chdir(tmpdir());
      process.env = { ...shell, HOME: "/elsewhere", TZ: "Asia/Tokyo", CODEX_VOLUME_NAME: "other", DOCKER_HOST: "tcp://x:1" };
      expect([...build()]).toEqual([...first]);
    } finally {
      process.chdir(directory);
      process.env = shell;
    }
  });

  test("holds no path of this machine and no secret", () => {
    const text = [...build().values()].join("\n");
    const ours = [checkout, homedir(), path.join(tmpdir(), "fleet-"), path.join(tmpdir(), "codex-fleet-")];
    expect(ours.filter((place) => text.includes(place))).toEqual([]);
    const secrets = VARIABLE_LIST.filter(([, variable]) => variable.secret).map(([name]) => name);
    expect(secrets.filter((name) => text.includes(`"${name}=`))).toEqual([]);
  });
});

test("main.ts in a copy of the package elsewhere writes the same bytes", () => {
  const checkout = path.join(__dirname, "../../..");
  const synth = (directory: string): string => {
    execFileSync(process.execPath, ["--import", "tsx", "main.ts"], {
      cwd: directory,
      env: { PATH: process.env.PATH, FLEET_ENVIRONMENTS: "dev", CDKTF_OUTDIR: path.join(directory, "cdktf.out") },
      stdio: ["ignore", "inherit", "inherit"],
    });
    return readFileSync(path.join(directory, "cdktf.out/stacks/dev/cdk.tf.json"), "utf8");
  };
  const copy = (): string => {
    const directory = mkdtempSync(path.join(tmpdir(), "fleet-copy-"));
    for (const part of ["main.ts", "package.json", "tsconfig.json", "constructs", "runtime/contract", "assets", "environments"]) {
      cpSync(path.join(checkout, part), path.join(directory, part), { recursive: true, filter: (file) => !file.endsWith(".local.toml") });
    }
    execFileSync("ln", ["-s", path.join(checkout, "node_modules"), path.join(directory, "node_modules")]);
    return directory;
  };
  expect(synth(copy())).toBe(synth(copy()));
});
