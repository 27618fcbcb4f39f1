/**
 * Makes `dist/parts`, the command line, and `dist/version.cjs` from the output of `tsc`. See
 * `docs/decisions/0052-the-command-line-ships-in-parts.md`.
 * @module
 */
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  build,
  type BuildOptions,
  type ExternalOption,
  type OutputOptions,
  type Plugin,
} from "rolldown";
import { compileEagerly } from "./compile-eagerly.ts";
import { keyOf, usedFunctions } from "./used-functions.ts";

const ROOT = join(import.meta.dirname, "..");

/** Small packages that every command needs. */
const INSIDE: ReadonlySet<string> = new Set(["@noble/hashes", "commander", "dotenv-expand"]);

/** Packages that the program loads when it needs them. */
const OUTSIDE: ExternalOption = (id) => {
  const [name] = /^(?:@[^/]+\/)?[a-z][^/]*/i.exec(id) ?? [];
  return name !== undefined && !name.startsWith("node:") && !INSIDE.has(name);
};

const paths = (...names: readonly string[]): string[] =>
  names.map((name) => join(ROOT, "dist", name));

/** What a short command loads. */
const CORE = paths("cli/main.js", "commands/migrate/status.js", "report/text.js");
const MIGRATE = paths(
  "commands/migrate/apply.js",
  "commands/migrate/plan.js",
  "commands/migrate/verify.js",
);
const BACKFILL = paths("commands/backfill/run.js");

/** Modules of node that take a millisecond or more to load. The program loads each at its first use. */
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
  resolveId(id) {
    return SLOW.some((name) => id === `node:${name}`) ? `\0${id}` : null;
  },
  load(id) {
    if (!id.startsWith("\0node:")) return null;
    const get = `(_, name) => process.getBuiltinModule(${JSON.stringify(id.slice(1))})[name]`;
    // The bundler copies what a module owns and keeps its prototype. So a proxy there answers for every name.
    return `module.exports = Object.create(new Proxy({}, { get: ${get} }));`;
  },
};

/**
 * A default import of a node module copies all of its properties, which takes 10 ms for `node:process`. d1ops does not use `program`, the
 * command that commander makes at load.
 */
const commanderAtLoad: Plugin = {
  name: "commander-at-load",
  load(id) {
    if (!/commander[\\/](?:index|lib[\\/]\w+)\.js$/.test(id)) return null;
    return readFileSync(id, "utf8")
      .replaceAll(
        /^import (fs|path|process) from ('node:\w+');$/gm,
        "const $1 = globalThis.process.getBuiltinModule($2);",
      )
      .replace(/^export const program = .*$/m, "");
  },
};

interface Modules {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/** These modules, all that they import statically, and so on. */
function closureOf(roots: readonly string[], modules: Modules): ReadonlySet<string> {
  const closure = new Set<string>();
  const open = [...roots];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (closure.has(id)) continue;
    closure.add(id);
    open.push(...(modules.getModuleInfo(id)?.importedIds ?? []));
  }
  return closure;
}

/** Returns true for a module that each of these groups of commands loads. */
function neededBy(...groups: readonly string[][]): (id: string, modules: Modules) => boolean {
  let closures: ReadonlySet<string>[] | null = null;
  return (id, modules) => {
    closures ??= groups.map((roots) => closureOf(roots, modules));
    return closures.every((closure) => closure.has(id));
  };
}

/**
 * A command loads few files, because loading one takes as long as running a small module. A module belongs to the first part that has
 * it. The bundler puts each other module into one file with the modules that the same commands need.
 */
const PARTS = [
  { name: "core", has: neededBy(CORE) },
  { name: "changes", has: neededBy(MIGRATE, BACKFILL) },
  { name: "migrations", has: neededBy(MIGRATE) },
].map(({ name, has }, at, all) => ({
  debugName: name,
  name: (id: string, modules: Modules) => (has(id, modules) ? name : null),
  priority: all.length - at,
}));

const common: BuildOptions = {
  cwd: ROOT,
  platform: "node",
  external: OUTSIDE,
  plugins: [loadAtFirstUse, commanderAtLoad],
  // The first use of `performance` loads a module of node's.
  transform: {
    target: "node24",
    define: { "import.meta.url": "__filename", "performance.now": "monotonicNow" },
  },
  checks: { ineffectiveDynamicImport: false, pluginTimings: false },
};

const output: OutputOptions = {
  dir: join(ROOT, "dist"),
  format: "cjs",
  entryFileNames: "[name].cjs",
  chunkFileNames: "parts/[name].cjs",
  // `bin/d1ops.js` loads `main` from `core`.
  minifyInternalExports: false,
  banner:
    // The sources are modules, which are always strict.
    '"use strict"; const monotonicNow = () => { const [s, ns] = process.hrtime(); return s * 1e3 + ns / 1e6; };',
  // Keeps the names of functions and classes for stack traces.
  minify: {
    compress: true,
    mangle: { toplevel: false, keepNames: true },
    codegen: { removeWhitespace: true },
  },
};

await build([
  {
    ...common,
    input: { d1ops: "dist/cli/main.js" },
    output: { ...output, codeSplitting: { groups: PARTS } },
  },
  {
    ...common,
    input: { version: "dist/version.js" },
    output: { ...output, codeSplitting: false },
  },
]);

// It only exports `main` of `core`.
rmSync(join(ROOT, "dist/d1ops.cjs"));
// Each part contains the bundler's runtime: a file of its own would take longer to load.
const runtime = join(ROOT, "dist/parts/rolldown-runtime.cjs");
const runtimeInside = `(()=>{const exports={};${readFileSync(runtime, "utf8")}return exports})()`;
rmSync(runtime);
const parts = globSync(join(ROOT, "dist/parts/*.cjs"));
for (const file of parts) {
  const text = readFileSync(file, "utf8").replace(
    'require("./rolldown-runtime.cjs")',
    () => runtimeInside,
  );
  writeFileSync(file, inAscii(withPlainExports(text)));
}
const used = usedFunctions(join(ROOT, "bin/d1ops.js"));
for (const file of parts) {
  // A part that none of these commands loads belongs to few commands, which call most of it.
  writeFileSync(file, compileEagerly(readFileSync(file, "utf8"), used.get(keyOf(file))));
}

/** The bundler exports each name through a function. V8 would keep hundreds of them, though no name gets another value after its part is loaded. */
function withPlainExports(text: string): string {
  return text.replaceAll(
    /Object\.defineProperty\(exports,"([\w$]+)",\{enumerable:!0,get:function\(\)\{return ?([^{}]+)\}\}\)/g,
    "exports.$1=$2",
  );
}

/** V8 keeps a text with one character beyond Latin-1 in twice the memory, and node decodes and checks it more slowly. */
function inAscii(text: string): string {
  return text.replaceAll(
    /[^\0-\x7F]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
