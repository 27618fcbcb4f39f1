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
import("node:module").then(function (module) {
  module.enableCompileCache();
  return import("../dist/cli/main.js").then(function (cli) {
    return cli.main(process.argv.slice(2));
  });
});
