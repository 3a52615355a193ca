import { mkdirSync } from "node:fs";
import { BareRepository } from "./bare-repository";
import { makeSampleRepository, SAMPLE_REPOSITORY } from "./sample-repository";
import { repositoriesDirectory, startScriptedGithub } from "./scripted-github";

/** Variables of the demo's own services; the fleet's programs do not read them. */
const {
  FLEET_SCRIPTED_GITHUB_LISTEN: listen = "0.0.0.0:8080",
  FLEET_SCRIPTED_GITHUB_DATA: dataDirectory = "/tmp/github",
  FLEET_SCRIPTED_GITHUB_PUBLIC_URL: publicUrl,
} = process.env;

async function main(): Promise<void> {
  const match = /^(.+):(\d{1,5})$/.exec(listen);
  if (match === null) {
    throw new Error(`FLEET_SCRIPTED_GITHUB_LISTEN: "${listen}" is not an address and a port: write, for example, "0.0.0.0:8080"`);
  }
  mkdirSync(dataDirectory, { recursive: true });
  // Create the sample repository before listening, so that every client finds it.
  const sample = new BareRepository(repositoriesDirectory(dataDirectory), SAMPLE_REPOSITORY);
  if (!sample.exists()) await makeSampleRepository(sample);
  const github = await startScriptedGithub({
    dataDirectory,
    host: match[1]!,
    port: Number(match[2]),
    ...(publicUrl === undefined ? {} : { publicUrl }),
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void github.close().then(() => process.exit(0)));
  write("info", `the scripted GitHub listens on ${listen} with the repository ${SAMPLE_REPOSITORY}; nothing here is on github.com`);
}

function write(level: string, msg: string): void {
  process.stdout.write(`${JSON.stringify({ level, time: Date.now(), name: "scripted-github", msg })}\n`);
}

main().catch((error: unknown) => {
  write("error", (error as Error).message);
  process.exit(1);
});
