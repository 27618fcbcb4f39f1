/** @module Findings about a local database that is not where wrangler looks for it, or that the Worker does not use. */
import { existsSync, statSync } from "node:fs";
import { dirname, relative } from "node:path";
import type { DatabaseSettings } from "../config/wrangler-settings.ts";
import { type Elsewhere, stateElsewhere, stateLinks } from "../config/local-file.ts";
import { offer, shellWord } from "../report/command.ts";
import type { Finding } from "../report/report.ts";
import type { AnyProject } from "./project.ts";
import { localPath } from "./open-database.ts";

/** Without `all`, looks only if the file of the local database is missing, so that it costs nothing in a usual project. */
export function localStateFindings(
  { settings, place, cwd }: Pick<AnyProject, "settings" | "place" | "cwd">,
  database: DatabaseSettings,
  which: "what is missing" | "all" = "what is missing",
): Finding[] {
  if (place === "remote") return which === "all" ? remotely(database) : [];
  const file = localPath(settings, database);
  const missing = !existsSync(file);
  return [
    ...(missing
      ? stateElsewhere(settings, database.localId).map((one) => elsewhere(one, file, cwd))
      : []),
    ...(missing || which === "all" ? linked(settings.projectPath, file) : []),
    ...(which === "all" && database.remote ? [remoteBinding(database)] : []),
  ];
}

export interface LocalFile {
  readonly path: string;
  readonly exists: boolean;
  readonly bytes: number;
}

/** The file of a local database. Null for a remote database. */
export function localFileOf(
  { settings, place }: Pick<AnyProject, "settings" | "place">,
  database: DatabaseSettings,
): LocalFile | null {
  if (place === "remote") return null;
  const path = localPath(settings, database);
  const file = statSync(path, { throwIfNoEntry: false });
  return { path, exists: file !== undefined, bytes: file?.size ?? 0 };
}

/** Its file, if that is missing or has no content. Null for a database with content, and for a remote one. */
export function emptyFileOf(
  project: Pick<AnyProject, "settings" | "place">,
  database: DatabaseSettings,
): LocalFile | null {
  const file = localFileOf(project, database);
  if (file === null || (file.exists && !isEmpty(file))) return null;
  return file;
}

/** True if neither the file nor its write-ahead log has content. */
function isEmpty({ path, bytes }: LocalFile): boolean {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  return bytes === 0 && (log?.size ?? 0) === 0;
}

const WHY: Readonly<Record<Elsewhere["kind"], string>> = {
  "old layout": "old versions of wrangler wrote it there, and new ones do not look there",
  "inside v3": "the given folder already contains v3, and wrangler adds v3 itself",
  "without v3":
    "it was written without the folder v3, which wrangler adds (Miniflare by itself does not)",
  vite: "the Vite plugin writes its state beside its own config",
};

function elsewhere(
  { kind, file: found, persistTo }: Elsewhere,
  file: string,
  cwd: string,
): Finding {
  return {
    rule: "state-elsewhere",
    level: "warning",
    message: `There is no local database at ${file}, but there is one at ${found}: ${WHY[kind]}.`,
    help:
      persistTo === null
        ? offer(
            "Stop every program that uses the file, then move it",
            `mkdir -p ${shellWord(dirname(file))} && mv ${shellWord(found)} ${shellWord(file)}`,
          )
        : `Run the same command with --persist-to ${shellWord(relative(cwd, persistTo) || ".")}`,
    data: { kind, path: found },
  };
}

function linked(projectPath: string, file: string): Finding[] {
  return stateLinks(projectPath, file).map(({ path, to, dangling }) => ({
    rule: "state-link",
    level: dangling ? "warning" : "info",
    message: `${path} is a symbolic link to ${to}${dangling ? ", which does not exist" : ": every project that uses it has the same database"}.`,
    help: dangling
      ? offer("Create what the link points to, or remove it", `rm ${shellWord(path)}`)
      : "If you want this, there is nothing to do.",
    data: { path, to },
  }));
}

function remoteBinding({ binding }: DatabaseSettings): Finding {
  return {
    rule: "remote-binding",
    level: "warning",
    message: `The binding ${binding} has "remote": true, so wrangler dev uses the database at Cloudflare, not the local file.`,
    help: 'Use --remote for the database that wrangler dev uses, or remove "remote": true.',
  };
}

/** Only `wrangler dev` uses a preview id. Remote commands use `database_id`, as those of wrangler do. */
function remotely({ binding, id, previewId }: DatabaseSettings): Finding[] {
  if (previewId === null || previewId === id) return [];
  return [
    {
      rule: "preview-database",
      level: "info",
      message: `The database ${binding} has a preview_database_id (${previewId}). --remote does not use it, but the database_id (${id ?? "which is missing"}).`,
      help: "To use the preview database, add an environment to the config with this id as its database_id.",
    },
  ];
}
