/**
 * Makes `dist/d1ops.cjs`, the command line, and `dist/version.cjs` from the output of `tsc`. See
 * `docs/decisions/0052-the-command-line-ships-in-parts.md`.
 * @module
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";
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
const INSIDE: ReadonlySet<string> = new Set(["commander", "dotenv-expand"]);

/** Packages that the program loads when it needs them. */
const OUTSIDE: ExternalOption = (id) =>
  /^[@a-z]/i.test(id) && !id.startsWith("node:") && !INSIDE.has(id);

/** The modules of a short command are in one file, because loading a file takes as long as running a small module. */
const CORE = ["cli/main.js", "commands/migrate/status.js", "report/text.js"].map((path) =>
  join(ROOT, "dist", path),
);

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

/** A default import of a node module copies all of its properties, which takes 10 ms for `node:process`. */
const commanderWithoutCopies: Plugin = {
  name: "commander-without-copies",
  load(id) {
    if (!/commander[\\/]lib[\\/]\w+\.js$/.test(id)) return null;
    return readFileSync(id, "utf8").replaceAll(
      /^import (fs|path|process) from ('node:\w+');$/gm,
      "const $1 = globalThis.process.getBuiltinModule($2);",
    );
  },
};

interface Modules {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/** The modules that {@link CORE} imports statically, and theirs. */
function coreOf(modules: Modules): ReadonlySet<string> {
  const core = new Set<string>();
  const open = [...CORE];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (core.has(id)) continue;
    core.add(id);
    open.push(...(modules.getModuleInfo(id)?.importedIds ?? []));
  }
  return core;
}

let core: ReadonlySet<string> | null = null;

/** The name of the file for a module; null leaves it to the bundler, which shares what several commands need. */
function partOf(id: string, modules: Modules): string | null {
  core ??= coreOf(modules);
  return core.has(id) ? "core" : null;
}

const common: BuildOptions = {
  cwd: ROOT,
  platform: "node",
  external: OUTSIDE,
  plugins: [loadAtFirstUse, commanderWithoutCopies],
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
  banner:
    // The sources are modules, which are always strict.
    '"use strict"; const monotonicNow = () => { const [s, ns] = process.hrtime(); return s * 1e3 + ns / 1e6; };',
  // Keeps names for stack traces.
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
};

await build([
  {
    ...common,
    input: { d1ops: "dist/cli/main.js" },
    output: { ...output, codeSplitting: { groups: [{ debugName: "core", name: partOf }] } },
  },
  {
    ...common,
    input: { version: "dist/version.js" },
    output: { ...output, codeSplitting: false },
  },
]);

const used = usedFunctions(join(ROOT, "bin/d1ops.js"));
for (const file of globSync(join(ROOT, "dist/parts/*.cjs"))) {
  // A part that none of these commands loads belongs to few commands, which call most of it.
  writeFileSync(file, inAscii(compileEagerly(readFileSync(file, "utf8"), used.get(keyOf(file)))));
}

/** V8 keeps a text with one character beyond Latin-1 in twice the memory, and node decodes and checks it more slowly. */
function inAscii(text: string): string {
  return text.replaceAll(
    /[^\0-\x7F]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
