import { spawn } from "node:child_process";

/** Exit codes of containers, in the order of their deaths: a container that restarts forgets its last one. */
export class ContainerDeaths {
  private readonly codes = new Map<string, number[]>();
  private readonly events;

  /** @param label Watches the containers that carry it, from now on. */
  constructor(label: string) {
    const filters = ["type=container", "event=die", `label=${label}`].flatMap((each) => ["--filter", each]);
    this.events = spawn("docker", ["events", ...filters, "--format", "{{.Actor.Attributes.name}} {{.Actor.Attributes.exitCode}}"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let rest = "";
    this.events.stdout.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.add(line);
    });
  }

  of(container: string): readonly number[] {
    return this.codes.get(container) ?? [];
  }

  stop(): void {
    this.events.kill();
  }

  private add(line: string): void {
    const [name, code] = line.split(" ") as [string, string];
    this.codes.set(name, [...this.of(name), Number(code)]);
  }
}
