import path from "node:path";
import { output, run } from "./command";
import { hostCertificates } from "./docker";

export type StandIn = "base" | "rabbitmq" | "postgres";

const NAMES: Readonly<Record<StandIn, string>> = {
  base: "codex-fleet/base:trixie",
  rabbitmq: "codex-fleet/rabbitmq:4.0",
  postgres: "codex-fleet/postgres:17",
};

/** A replacement image from Debian packages, built if it does not exist yet, as `codex-fleet up` does. */
export async function standIn(name: StandIn): Promise<string> {
  const image = NAMES[name];
  if ((await run("docker", ["image", "inspect", image])).code !== 0) {
    const certificates = hostCertificates();
    const options = ["--network", "host", ...(certificates === undefined ? [] : ["--ca-bundle", certificates])];
    await output(path.join(__dirname, "../../assets/base/make.sh"), [...options, name]);
  }
  return image;
}
