// Load with --require: prints the process's largest resident set when it exits.
process.on("exit", () => process.stderr.write(`maxrss_kb=${process.resourceUsage().maxRSS}\n`));
