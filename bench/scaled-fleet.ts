import { App } from "cdktf";
import { Environment, FleetStack } from "../constructs";

/** One environment with the given number of codex workers. */
const [workers, outdir] = process.argv.slice(2);

const app = new App({ outdir: outdir! });
new FleetStack(
  app,
  "scaled",
  Environment.fromSettings({ embedding: { provider: "none" }, workers: { codex: { replicas: Number(workers) } } }),
);
app.synth();
