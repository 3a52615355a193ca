import { commandsIn } from "../../support/documented-commands";

test("commands are the lines of sh blocks, also in lists, without comments", () => {
  const page = [
    "text",
    "```sh",
    "one --flag   # what it does",
    "# a remark",
    "two \\",
    "  --long",
    "```",
    "1. item",
    "",
    "   ```sh",
    "   three '#not a comment'",
    "   ```",
    "```console",
    "asks a person",
    "```",
    "```toml",
    "key = 1",
    "```",
  ].join("\n");
  expect(commandsIn(page)).toEqual(["one --flag", "two --long", "three '#not a comment'"]);
});
