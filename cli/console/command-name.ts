/** How the operator calls this tool: by name where it is installed, through npm in a checkout. */
export const COMMAND_NAME = __filename.endsWith(".ts") ? "npm run -s fleet --" : "codex-fleet";
