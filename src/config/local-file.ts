/** @module The file in which `wrangler dev` and `wrangler d1 --local` store a database, and the places where other versions and options store it. */
import { existsSync, lstatSync, readlinkSync, readdirSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { ProjectSettings } from "./wrangler-settings.ts";

const CLASS = "miniflare-D1DatabaseObject";

/** The path of the file, which may not exist yet. The same folder contains `metadata.sqlite`, which is not a D1 database. */
export function localDatabasePath(statePath: string, localId: string): string {
  let id = known.get(localId);
  if (id === undefined) known.set(localId, (id = objectId(localId)));
  return join(statePath, "v3", "d1", CLASS, `${id}.sqlite`);
}

/** A command asks for the same file several times, and the hash takes a millisecond. */
const known = new Map<string, string>();

/**
 * The id of a Durable Object. The first half is derived from its name; the second half proves that it belongs to the class. Every command
 * on a local database needs this, and loading `node:crypto` for it takes longer than opening the database.
 */
function objectId(name: string): string {
  const key = sha256(utf8ToBytes(CLASS));
  const named = firstHalf(key, utf8ToBytes(name));
  return bytesToHex(concatBytes(named, firstHalf(key, named)));
}

function firstHalf(key: Uint8Array, data: Uint8Array): Uint8Array {
  return hmac(sha256, key, data).subarray(0, 16);
}

export interface Elsewhere {
  readonly kind: "old layout" | "inside v3" | "without v3" | "vite";
  /** The absolute path of the file. */
  readonly file: string;
  /** The value of `--persist-to` that reaches the file. Null if none does. */
  readonly persistTo: string | null;
}

/** The files of the database `localId` that exist in other places. */
export function stateElsewhere(
  { statePath, projectPath }: Pick<ProjectSettings, "statePath" | "projectPath">,
  localId: string,
): Elsewhere[] {
  const file = localDatabasePath(statePath, localId);
  const inV3 = relative(join(statePath, "v3"), file);
  const oldLayout = join(statePath, "v3", "d1", localId, "db.sqlite");
  const below = (persistTo: string, kind: Elsewhere["kind"]): Elsewhere => ({
    kind,
    file: localDatabasePath(persistTo, localId),
    persistTo,
  });
  const found: Elsewhere[] = [
    { kind: "old layout", file: oldLayout, persistTo: null },
    ...insideV3(statePath).map((root) => below(root, "inside v3")),
    { kind: "without v3", file: join(statePath, inV3), persistTo: null },
    ...viteRoots(projectPath)
      .map((root) => join(root, ".wrangler", "state"))
      .filter((root) => root !== statePath)
      .map((root) => below(root, "vite")),
  ];
  const seen = new Set<string>();
  return found.filter((one) => {
    if (one.file === file || seen.has(one.file) || !existsSync(one.file)) return false;
    seen.add(one.file);
    return true;
  });
}

/** For `--persist-to .wrangler/state/v3`, or a folder below it: wrangler adds `v3` itself. */
function insideV3(statePath: string): string[] {
  const roots: string[] = [];
  let folder = statePath;
  while (folder !== dirname(folder) && roots.length === 0) {
    if (basename(folder) === "v3") roots.push(dirname(folder));
    folder = dirname(folder);
  }
  return roots;
}

/** Vite stores the state beside its own config, which is in the folder of the wrangler config or above it. */
function viteRoots(projectPath: string): string[] {
  const roots: string[] = [];
  for (let folder = resolve(projectPath); ; folder = dirname(folder)) {
    if (hasViteConfig(folder)) roots.push(folder);
    if (folder === dirname(folder) || existsSync(join(folder, ".git"))) return roots;
  }
}

function hasViteConfig(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => /^vite\.config\.[cm]?[jt]s$/.test(name));
  } catch {
    return false;
  }
}

export interface StateLink {
  /** The absolute path of the link. */
  readonly path: string;
  readonly to: string;
  readonly dangling: boolean;
}

/** The symbolic links on the path from the project to the file of a database. */
export function stateLinks(projectPath: string, file: string): StateLink[] {
  const parts = relative(projectPath, file).split(/[\\/]/);
  const links: StateLink[] = [];
  for (let n = 1; n <= parts.length; n += 1) {
    const path = join(projectPath, ...parts.slice(0, n));
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isSymbolicLink() !== true) continue;
    links.push({
      path,
      to: resolve(dirname(path), readlinkSync(path)),
      dangling: !existsSync(path),
    });
  }
  return links;
}
