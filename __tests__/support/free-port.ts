export { freePort } from "../../cli/local/free-port";
