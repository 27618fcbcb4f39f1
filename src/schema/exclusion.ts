/**
 * The objects that migrations do not own: tables of the platform and of SQLite, shadow tables, ledgers.
 * @module
 */
import type { Definition } from "./definition.ts";
import { fold } from "./normal.ts";
import type { ListRow } from "./rows.ts";

/** Returns a test for names of objects that migrations do not own. */
export function exclusion(
  list: readonly ListRow[],
  definitions: readonly Definition[],
  ignore: readonly string[],
): (name: string) => boolean {
  const shadows = list.filter(({ type }) => type === "shadow").map(({ name }) => name);
  const names = new Set([...ignore, ...shadows, ...definitions.flatMap(shadowNames)].map(fold));
  return (name) => {
    const folded = fold(name);
    return folded.startsWith("_cf_") || folded.startsWith("sqlite_") || names.has(folded);
  };
}

/** SQLite lists shadow tables only if it has loaded the module. */
function shadowNames(definition: Definition): string[] {
  if (definition.object !== "virtual table") return [];
  const suffixes = SUFFIXES[fold(definition.module)] ?? [];
  return suffixes.map((suffix) => `${definition.name}_${suffix}`);
}

const SUFFIXES: { readonly [module: string]: readonly string[] } = {
  fts5: ["data", "idx", "content", "docsize", "config"],
  rtree: ["node", "parent", "rowid"],
  rtree_i32: ["node", "parent", "rowid"],
};
