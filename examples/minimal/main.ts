import { App } from "cdktf";
import { Environment, FleetStack } from "cdktf-codex-fleet";

const app = new App();
new FleetStack(app, "prod", Environment.fromFile("environments/prod.toml"));
new FleetStack(app, "lab", {
  codex: { volume_name: "lab_codex_auth_volume" },
  embedding: { provider: "none" },
  workers: { codex: { replicas: 4, memory: "4GiB" } },
  api: { listen: "127.0.0.1:9090" },
});
app.synth();
