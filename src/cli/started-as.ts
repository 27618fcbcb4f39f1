/** @module The command that started d1ops, so that suggested commands and the help begin with it. */
import { existsSync } from "node:fs";
import { basename, delimiter, dirname, isAbsolute, join, relative } from "node:path";
import { shellWord } from "../report/command.ts";

export interface Start {
  /** `process.argv[1]`: the file that node runs. Symbolic links are not resolved. */
  readonly script: string;
  readonly cwd: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Each package manager sets `npm_config_user_agent`, which begins with `agent`. */
const MANAGERS = [
  { agent: "pnpm/", installed: "pnpm exec d1ops", fetched: "pnpm dlx d1ops" },
  { agent: "yarn/", installed: "yarn d1ops", fetched: "yarn dlx d1ops" },
  { agent: "bun/", installed: "bunx d1ops", fetched: "bunx d1ops" },
  { agent: "npm/", installed: "npx d1ops", fetched: "npx d1ops" },
] as const;

/** `npx d1ops`, `pnpm exec d1ops`, `d1ops`, `node bin/d1ops.js`. */
export function commandOf(start: Start): string {
  const { script, cwd, variables } = start;
  const installed = /[\\/]node_modules[\\/]/.test(script);
  if (!installed) {
    if (basename(script) === "d1ops" && isOnPath(dirname(script), variables)) return "d1ops";
    if (script === "" || !/\.[cm]?js$/.test(script)) return "npx d1ops";
    const inside = relative(cwd, script);
    const path = inside.startsWith("..") || isAbsolute(inside) ? script : inside;
    return `node ${shellWord(path)}`;
  }
  const agent = variables["npm_config_user_agent"] ?? "";
  const manager = MANAGERS.find((one) => agent.startsWith(one.agent));
  if (manager === undefined) return isFound(variables) ? "d1ops" : "npx d1ops";
  return /[\\/]dlx[-\\/]/.test(script) ? manager.fetched : manager.installed;
}

function isOnPath(folder: string, variables: Start["variables"]): boolean {
  return foldersOf(variables).includes(folder);
}

/** True if a shell finds d1ops. */
function isFound(variables: Start["variables"]): boolean {
  return foldersOf(variables).some(
    (folder) => existsSync(join(folder, "d1ops")) || existsSync(join(folder, "d1ops.cmd")),
  );
}

function foldersOf({ PATH, Path }: Start["variables"]): string[] {
  return (PATH ?? Path ?? "").split(delimiter).filter((folder) => folder !== "");
}
