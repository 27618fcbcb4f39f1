/** @module The contestants of the snapshots: how each takes, verifies and restores a copy, and how its result is checked. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type Command, d1ops, restic, shell, wrangler } from "./contestants.ts";
import type { Trial } from "./measure.ts";
import { type Project, SHOP } from "./project.ts";
import { type Change, requireSame } from "./snapshots-database.ts";
import {
  bytesOf,
  copyFolder,
  DUMP,
  projectWith,
  type State,
  type Templates,
} from "./snapshots-templates.ts";

/** `synced` copies the file and waits for the disk. */
export type Keeper = "d1ops" | "dump" | "backup" | "cp" | "synced" | "restic" | "wrangler";

/** `first` takes a copy of the whole database, each change a second one, and the others read the first copy. */
export type Work = "first" | Change | "verify" | "restore";

/** A trial. `bytes` is what the copy adds to the disk; null for work that adds none. */
export interface Kept {
  readonly trial: Trial;
  readonly bytes: () => number | null;
}

const COPY = 'cp "$1" "$2"';
const SYNCED = 'cp "$1" "$2" && sync "$2"';
const PROGRAM = "sqlite3 -batch -init /dev/null";

/** Of the database in this state. d1ops and restic have a copy of `base` already, unless it is the first. */
export function takes(templates: Templates, work: "first" | Change, who: Keeper): Kept {
  const state: State = work === "first" ? "base" : work;
  const isFirst = work === "first";
  if (who === "d1ops") return takesOurs(templates, state, isFirst ? null : templates.store);
  const project = projectWith(templates, state, null);
  const { dir, stateFile } = project;
  const copy = join(dir, `copy.${who}`);
  const same = (): void => requireSame(copy, templates.databases[state]);
  const rows = (read: string) => () => requireInserts(read, copy, templates.rows[state]);
  switch (who) {
    case "dump":
      return into(copy, project, shell(DUMP, stateFile, copy), rows("zstd -dc"));
    case "backup":
      return into(copy, project, shell(`${PROGRAM} "$1" ".backup '$2'"`, stateFile, copy), same);
    case "cp":
      return into(copy, project, shell(COPY, stateFile, copy), same);
    case "synced":
      return into(copy, project, shell(SYNCED, stateFile, copy), same);
    case "wrangler":
      return into(
        copy,
        project,
        wrangler("d1", "export", "DB", "--local", "--output", copy),
        rows("cat"),
      );
    case "restic": {
      const from = isFirst ? templates.repositories.empty : templates.repositories.base;
      copyFolder(from, copy);
      const check = (): void => {
        const restored = join(dir, "restored");
        succeed(restic(copy, "restore", "latest", "--target", restored), dir);
        requireSame(join(restored, stateFile), templates.databases[state]);
      };
      return into(copy, project, restic(copy, "backup", stateFile), check, from);
    }
  }
}

function takesOurs(templates: Templates, state: State, store: string | null): Kept {
  const project = projectWith(templates, state, store);
  const check = (): void => {
    // Compares every row of the snapshot with the database, and fails if one differs.
    succeed(d1ops("snapshot", "diff", "latest", "local"), project.dir);
  };
  const command = d1ops("snapshot", "take", "--local");
  return into(join(project.dir, "backups"), project, command, check, store);
}

/** Proves that the copy is intact. Only d1ops and restic can. */
export function verifies(templates: Templates, who: "d1ops" | "restic"): Kept {
  if (who === "d1ops") {
    const project = projectWith(templates, "base", templates.store);
    return reads(project, d1ops("snapshot", "verify"), () => {});
  }
  const project = projectWith(templates, "base", null);
  const copy = join(project.dir, "copy.restic");
  copyFolder(templates.repositories.base, copy);
  return reads(project, restic(copy, "check", "--read-data"), () => {});
}

/** The first copy, over a database with random changes (d1ops), or into a new file (the others). */
export function restores(templates: Templates, who: Exclude<Keeper, "wrangler">): Kept {
  const { databases, store, dump } = templates;
  const project = projectWith(templates, "random", who === "d1ops" ? store : null);
  const { dir, stateFile, floorFile } = project;
  const same = (file: string) => () => requireSame(file, databases.base);
  switch (who) {
    case "d1ops": {
      const confirm = ["--confirm", SHOP.name, "--without-backup"];
      const command = d1ops("snapshot", "restore", "latest", "--local", ...confirm);
      return reads(project, command, same(stateFile));
    }
    case "dump": {
      const line = `zstd -dc "$1" | ${PROGRAM} -bail "$2"`;
      return reads(project, shell(line, dump, floorFile), same(floorFile));
    }
    case "backup": {
      const line = `${PROGRAM} "$2" ".restore '$1'"`;
      return reads(project, shell(line, databases.base, floorFile), same(floorFile));
    }
    case "cp":
      return reads(project, shell(COPY, databases.base, floorFile), same(floorFile));
    case "synced":
      return reads(project, shell(SYNCED, databases.base, floorFile), same(floorFile));
    case "restic": {
      const copy = join(dir, "copy.restic");
      copyFolder(templates.repositories.base, copy);
      const target = join(dir, "restored");
      const command = restic(copy, "restore", "latest", "--target", target);
      return reads(project, command, same(join(target, databases.base)));
    }
  }
}

/** Throws unless the dump has an INSERT statement for each row. */
function requireInserts(read: string, dump: string, rows: number): void {
  const said = succeed(shell(`${read} "$1" | grep -c '^INSERT INTO'`, dump), "/");
  if (Number(said) !== rows) throw new Error(`${Number(said)} rows in ${dump} instead of ${rows}`);
}

/** Runs a command that is not measured, and returns what it printed. */
function succeed({ file, args, env }: Command, cwd: string): string {
  const { status, stdout, stderr } = spawnSync(file, args, { cwd, env, encoding: "utf8" });
  if (status !== 0)
    throw new Error(`${file} ${args.join(" ")} ended with ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** `before` is the folder or file from which the copy grew; null if there was none. */
function into(
  copy: string,
  project: Project,
  command: Command,
  check: () => void,
  before: string | null = null,
): Kept {
  let bytes: number | null = null;
  const had = before === null ? 0 : bytesOf(before);
  return {
    trial: {
      command,
      cwd: project.dir,
      check() {
        bytes = bytesOf(copy) - had;
        check();
      },
      remove: project.remove,
    },
    bytes: () => bytes,
  };
}

function reads({ dir, remove }: Project, command: Command, check: () => void): Kept {
  return { trial: { command, cwd: dir, check, remove }, bytes: () => null };
}
