import { startScriptedModel } from "./scripted-model";

const listen = process.env["FLEET_SCRIPTED_MODEL_LISTEN"] ?? "0.0.0.0:8080";
const [, host, port] = /^(.+):(\d{1,5})$/.exec(listen) ?? [];

if (host === undefined) {
  console.error(`FLEET_SCRIPTED_MODEL_LISTEN is "${listen}": write address and port, for example 0.0.0.0:8080`);
  process.exit(78);
}

void startScriptedModel({ host, port: Number(port) }).then(
  (model) => {
    console.log(JSON.stringify({ level: "info", msg: `scripted model, not a language model: listens on ${model.url}` }));
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void model.close());
  },
  (error: Error) => {
    console.error(`the scripted model cannot listen on ${listen}: ${error.message}`);
    process.exit(78);
  },
);
