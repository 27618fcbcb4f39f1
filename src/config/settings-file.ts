/** @module Reads `d1ops.jsonc`. It may have comments and trailing commas. Unknown and repeated keys are errors. */
import { lstatSync } from "node:fs";
import type { Node } from "jsonc-parser";
import type { AnyKind } from "../options/kinds.ts";
import { type Path, problemsOf } from "../options/problems.ts";
import { OpsError } from "../report/error.ts";
import { childrenOf, keyOf, propertiesOf, repeatedKeys, valueOf } from "./json-tree.ts";
import { parseTreeOf, position, readConfigText } from "./parse-config.ts";

interface Located {
  readonly offset: number;
  /** `snapshots.store is 5; it has to be a path.` */
  readonly text: string;
  /** What to do about it on the line. */
  readonly remedy: (line: number) => string;
}

/** False for a symbolic link to nothing: reading it then reports that. */
export function isMissing(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

/** Reports all problems together, in the order of the file. @throws OpsError CONFIG_UNREADABLE, CONFIG_INVALID */
export async function readSettingsFile(path: string, kind: AnyKind): Promise<unknown> {
  const text = readConfigText(path);
  const tree = await parseTreeOf(text, path);
  const value = valueOf(tree);
  const problems = [...repetitions(tree), ...problemsInTree(tree, value, kind)];
  if (problems.length === 0) return value;
  throw settingsInvalid(
    path,
    text,
    problems.toSorted((a, b) => a.offset - b.offset),
  );
}

function repetitions(tree: Node): Located[] {
  return repeatedKeys(tree).map(({ path, offset }) => ({
    offset,
    text: `${nameOf(path)} is set twice.`,
    remedy: (line) => `Remove it from line ${line}, or above.`,
  }));
}

function problemsInTree(tree: Node, value: unknown, kind: AnyKind): Located[] {
  return problemsOf(value, kind, "setting").map(({ path, problem, nearest, ofKey }) => ({
    offset: offsetOf(tree, path, ofKey),
    text: `${nameOf(path)} ${problem}.`,
    remedy: (line) => {
      if (nearest !== null) return `${nameOf(path)}: did you mean ${nearest}?`;
      return ofKey
        ? `Remove it from line ${line}.`
        : `Correct line ${line}, or remove the setting.`;
    },
  }));
}

function nameOf(path: Path): string {
  return path.length === 0 ? "the file" : path.join(".");
}

/** That of the innermost part of the path that exists: a missing key has no position of its own. */
function offsetOf(node: Node, [part, ...rest]: Path, ofKey: boolean): number {
  if (part === undefined) return node.offset;
  if (node.type === "array") {
    const item = childrenOf(node)[Number(part)];
    return item === undefined ? node.offset : offsetOf(item, rest, ofKey);
  }
  const property = propertiesOf(node).findLast(({ key }) => keyOf(key) === part);
  if (property === undefined) return node.offset;
  return ofKey && rest.length === 0 ? property.key.offset : offsetOf(property.value, rest, ofKey);
}

function settingsInvalid(
  path: string,
  text: string,
  problems: readonly Located[],
): OpsError<"CONFIG_INVALID"> {
  const placed = problems.map((one) => ({ ...one, ...position(text, one.offset) }));
  const message = placed.map((one) => `${path}:${one.line}:${one.column}: ${one.text}`).join("\n");
  const hints = new Set(placed.map(({ line, remedy }) => remedy(line)));
  const [first] = placed;
  return new OpsError(
    "CONFIG_INVALID",
    {
      path,
      line: first?.line ?? null,
      column: first?.column ?? null,
      problem: first?.text ?? "",
    },
    { message, hint: [...hints, DOCS].join("\n") },
  );
}

const DOCS = "docs/settings.md of the package d1ops lists the settings.";
