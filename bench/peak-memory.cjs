// Loaded with --require: prints the process' largest resident set when it ends.
process.on("exit", () => process.stderr.write(`maxrss_kb=${process.resourceUsage().maxRSS}\n`));
