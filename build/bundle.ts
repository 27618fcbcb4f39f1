/**
 * Makes `dist/d1ops.cjs`, the command line in one file, and `dist/version.cjs`, from the output of `tsc`. See
 * `docs/decisions/0046-the-command-line-is-one-file.md`.
 * @module
 */
import { readFileSync } from "node:fs";
import { build as bundle, type Plugin } from "esbuild";

/** Packages that only some runs need. Each is imported when it is needed. */
const OUTSIDE = [
  "@clack/*",
  "chalk",
  "csv-parse",
  "jsonc-parser",
  "kysely",
  "libphonenumber-js",
  "minimatch",
  "smol-toml",
  "./dist/commands/onboard/*.js",
];

/** Modules of node that take a millisecond or more to load. The bundle loads each at its first use. */
const SLOW = [
  "child_process",
  "crypto",
  "fs/promises",
  "http",
  "https",
  "stream/promises",
  "timers/promises",
];

const loadAtFirstUse: Plugin = {
  name: "load-at-first-use",
  setup(build) {
    const filter = new RegExp(`^node:(?:${SLOW.join("|")})$`);
    build.onResolve({ filter }, ({ path }) => ({ path, namespace: "slow" }));
    // esbuild copies what a module owns, and keeps the module's prototype: a proxy there answers for names that were not copied.
    build.onLoad({ filter: /./, namespace: "slow" }, ({ path }) => ({
      contents: `const get = (_, name) => process.getBuiltinModule(${JSON.stringify(path)})[name];
module.exports = Object.create(new Proxy({}, { get }));`,
    }));
  },
};

/** A default import of a node module copies all of its properties, which takes 10 ms for `node:process`. */
const commanderWithoutCopies: Plugin = {
  name: "commander-without-copies",
  setup(build) {
    build.onLoad({ filter: /commander[\\/]lib[\\/]\w+\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replaceAll(
        /^import (fs|path|process) from ('node:\w+');$/gm,
        "const $1 = globalThis.process.getBuiltinModule($2);",
      ),
    }));
  },
};

await bundle({
  entryPoints: { d1ops: "dist/cli/main.js", version: "dist/version.js" },
  outdir: "dist",
  outExtension: { ".js": ".cjs" },
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node24",
  external: OUTSIDE,
  // The first use of `performance` loads a module of node's.
  define: { "import.meta.url": "__filename", "performance.now": "monotonicNow" },
  banner: {
    js: "const monotonicNow = () => { const [s, ns] = process.hrtime(); return s * 1e3 + ns / 1e6; };",
  },
  plugins: [loadAtFirstUse, commanderWithoutCopies],
  logLevel: "warning",
});
