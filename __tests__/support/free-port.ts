export { freePort } from "../../cli/local-engine/free-port";
