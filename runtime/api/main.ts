import { runApi } from "./run-api";

const stop = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop.abort());

void runApi(process.env, stop.signal).then((code) => {
  process.exitCode = code;
});
