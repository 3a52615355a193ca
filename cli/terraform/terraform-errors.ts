import { stripVTControlCharacters } from "node:util";

/** Terraform's error messages in the output of the CDK for Terraform command line, without their frames; each once. */
export function terraformErrors(output: string): string[] {
  const errors: string[][] = [];
  let current: string[] | undefined;
  for (const raw of stripVTControlCharacters(output).split(/\r?\n/)) {
    // Each line may begin with the name of its stack.
    const line = raw.replace(/^\s*(?:[\w.-]+\s{2,})?/, "");
    if (/^│ Error: /.test(line)) errors.push((current = [line.slice("│ Error: ".length)]));
    else if (current !== undefined && line.startsWith("│")) current.push(line.replace(/^│ ?/, ""));
    else current = undefined;
  }
  const texts = errors.map((lines) => lines.join("\n").trim());
  return [...new Set(texts)];
}
