#!/usr/bin/env node
// Plain JavaScript, so that an old node can print the error below.
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
process.getBuiltinModule("node:module").enableCompileCache();
start(process.argv.slice(2)).catch(function (error) {
  // Node's own 1 would mean that the command found problems.
  process.exitCode = 70;
  process.stderr.write(error.stack + "\n");
});

async function start(argv) {
  // Scripts and shells often ask for the version, so this loads nothing else.
  if (argv.length === 1 && ["--version", "version", "-v"].includes(argv[0])) {
    const { packageVersion } = require("../dist/version.cjs");
    process.stdout.on("error", function () {});
    const failure = await new Promise(function (resolve) {
      process.stdout.write(packageVersion() + "\n", resolve);
    });
    if (!failure) return;
  }
  const { main } = require("../dist/parts/core.cjs");
  await main(argv);
}
