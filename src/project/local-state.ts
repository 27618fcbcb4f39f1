/**
 * What is said of a local database that is not where wrangler looks for it, or not the one that the Worker uses.
 * @module
 */
import { existsSync } from "node:fs";
import { relative } from "node:path";
import type { DatabaseSettings } from "../config/wrangler-settings.ts";
import { type Elsewhere, stateElsewhere, stateLinks } from "../config/state-elsewhere.ts";
import { offer, shellWord } from "../report/command.ts";
import type { Finding } from "../report/report.ts";
import type { AnyProject } from "./project.ts";
import { localPath } from "./open-database.ts";

/**
 * Looks only where the file of a local database is missing, unless `all` is wanted. So it costs nothing in a project where all is as usual.
 */
export function localStateFindings(
  { settings, place, cwd }: Pick<AnyProject, "settings" | "place" | "cwd">,
  database: DatabaseSettings,
  which: "what is missing" | "all" = "what is missing",
): Finding[] {
  if (place === "remote") return which === "all" ? remotely(database) : [];
  const file = localPath(settings, database);
  const { statePath, projectPath } = settings;
  const missing = !existsSync(file);
  return [
    ...(missing
      ? stateElsewhere({ statePath, projectPath, localId: database.localId }).map((one) =>
          elsewhere(one, file, cwd),
        )
      : []),
    ...(missing || which === "all" ? linked(projectPath, file) : []),
    ...(which === "all" && database.remote ? [remoteBinding(database)] : []),
  ];
}

const WHY: Readonly<Record<Elsewhere["kind"], string>> = {
  "old layout": "an old wrangler kept it there, and a newer one does not look there",
  "inside v3": "the folder that was given already contains v3, and wrangler adds v3 itself",
  "without v3":
    "it was written without the folder v3, which wrangler adds (Miniflare by itself does not)",
  vite: "the Vite plugin keeps state beside its own config",
};

function elsewhere(
  { kind, file: found, persistTo }: Elsewhere,
  file: string,
  cwd: string,
): Finding {
  return {
    rule: "state-elsewhere",
    level: "warning",
    message: `There is no local database at ${file}, but one at ${found}: ${WHY[kind]}.`,
    help:
      persistTo === null
        ? offer(
            "End what uses the file, then move it",
            `mkdir -p ${shellWord(parent(file))} && mv ${shellWord(found)} ${shellWord(file)}`,
          )
        : `Add --persist-to ${shellWord(relative(cwd, persistTo) || ".")}`,
    data: { kind, path: found },
  };
}

function parent(file: string): string {
  return file.replace(/[\\/][^\\/]*$/, "");
}

function linked(projectPath: string, file: string): Finding[] {
  return stateLinks(projectPath, file).map(({ path, to, dangling }) => ({
    rule: "state-link",
    level: dangling ? "warning" : "info",
    message: `${path} is a symbolic link to ${to}${dangling ? ", which does not exist" : ": whoever else uses that has the same database"}.`,
    help: dangling
      ? offer("Make what it points to, or remove the link", `rm ${shellWord(path)}`)
      : "Nothing has to be done, if that is what you want.",
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

/** A preview id is for `wrangler dev`, remote commands go to `database_id`, as wrangler's do. */
function remotely({ binding, id, previewId }: DatabaseSettings): Finding[] {
  if (previewId === null || previewId === id) return [];
  return [
    {
      rule: "preview-database",
      level: "info",
      message: `The database ${binding} has a preview_database_id (${previewId}). --remote does not mean that one, but database_id (${id ?? "which is missing"}).`,
      help: "To work on the preview database, name it as a database of its own in the config: an environment with that id as database_id.",
    },
  ];
}
