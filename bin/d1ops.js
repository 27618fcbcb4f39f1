#!/usr/bin/env node
// Plain old JavaScript on purpose: an old node must get as far as the sentence that says so.
var version = process.versions.node.split(".");
if (Number(version[0]) < 24 || (Number(version[0]) === 24 && Number(version[1]) < 10)) {
  process.stderr.write(
    "error NODE_TOO_OLD: d1ops needs node 24.10 or newer, this is " +
      process.versions.node +
      " (" +
      process.execPath +
      ").\n  Install it (https://nodejs.org), or in the project: npm install --save-dev node@24, then npx d1ops\n",
  );
  process.exit(2);
}
// Garbage is collected earlier: a tenth less memory with a hundred migrations, for a thirtieth more computing with thousands of statements.
var v8 = process.getBuiltinModule("node:v8");
v8.setFlagsFromString("--semi-space-growth-factor=1");
v8.setFlagsFromString("--max-semi-space-size=2");
process.getBuiltinModule("node:module").enableCompileCache();
void start(process.argv.slice(2));

async function start(argv) {
  // Scripts and shells ask for the version, often, and it needs none of the rest.
  if (argv.length === 1 && argv[0] === "--version") {
    const { packageVersion } = await import("../dist/version.js");
    process.stdout.write(packageVersion() + "\n");
    return;
  }
  const { main } = await import("../dist/d1ops.js");
  await main(argv);
}
