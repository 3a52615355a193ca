export { freePort } from "../../cli/local/ports";
