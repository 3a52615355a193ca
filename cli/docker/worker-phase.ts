import { ImageLayout, StateFile, WorkerPhase } from "../../runtime/contract";
import { runCommand } from "../process/run-program";

/** What a worker says it does; undefined when it says nothing. */
export async function readWorkerPhase(container: string): Promise<WorkerPhase | undefined> {
  const { stdout } = await runCommand("docker", ["exec", container, "cat", `${ImageLayout.state}/${StateFile.phase}`]);
  return WorkerPhase.safeParse(stdout.toString("utf8").trim()).data;
}
