import { ConfigurationError, readConfiguration } from "../../../runtime/contract";

test("a variable that is required and not set is a problem like any other, all at once", () => {
  const read = () =>
    readConfiguration(["POSTGRES_PORT"], { POSTGRES_PORT: "none", RABBITMQ_PASSWORD: "secret" }, "/nowhere", [
      "FLEET_API_TOKEN",
      "RABBITMQ_PASSWORD",
      "CODEX_MODEL",
    ]);
  expect(read).toThrow(ConfigurationError);
  try {
    read();
  } catch (error) {
    expect((error as ConfigurationError).problems).toEqual([
      { name: "POSTGRES_PORT", message: 'must be a whole number from 1 to 65535, got "none"' },
      {
        name: "FLEET_API_TOKEN",
        message: "is not set and has no default: set FLEET_API_TOKEN_FILE, or put it into /nowhere/fleet_api_token",
      },
      { name: "CODEX_MODEL", message: "is not set and has no default: set CODEX_MODEL" },
    ]);
  }
});
