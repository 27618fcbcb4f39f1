/** @module The part of `doctor` that examines the tools: node, and the project's wrangler. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { nullIfThrows } from "../../files/null-if-throws.ts";
import { offer } from "../../report/command.ts";
import type { Check } from "../../report/report.ts";

export function nodeCheck(): Check {
  return {
    id: "node.version",
    outcome: "pass",
    measured: process.versions.node,
    expected: ">=24.10",
    evidence: { path: process.execPath },
  };
}

/** Checks the wrangler of the project, which the team uses together with d1ops. */
export function wranglerCheck(projectPath: string): Check {
  const found = nullIfThrows(() => {
    const path = createRequire(join(projectPath, "package.json")).resolve("wrangler/package.json");
    const manifest: unknown = JSON.parse(readFileSync(path, "utf8"));
    const known = typeof manifest === "object" && manifest !== null && "version" in manifest;
    return { path, version: known ? String(manifest.version) : "unknown" };
  });
  const current = Number.parseInt(found?.version ?? "", 10) >= 4;
  return {
    id: "wrangler.version",
    outcome: current ? "pass" : "warn",
    measured: found?.version ?? "not installed in the project",
    expected: ">=4",
    evidence: {
      ...(found === null ? { searchedFrom: projectPath } : { path: found.path }),
      ...(!current && { help: offer("To install it", "npm install -D wrangler@4") }),
    },
  };
}
