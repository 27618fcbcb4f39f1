/**
 * The Time Travel bookmark that a run reads before its first write. If there is none, the run stops, except with `--without-bookmark`.
 * @module
 */
import type { Database } from "../database/port.ts";
import { offer, shellWord } from "../report/command.ts";
import { withText } from "../report/error-class.ts";
import { OpsError } from "../report/error.ts";
import type { Finding, Target } from "../report/report.ts";
import { sameCommand } from "./command-line.ts";
import type { BookmarkOptions, ProjectOptions, WriteOptions } from "./project-options.ts";
import type { AnyProject } from "./project.ts";

/**
 * Null if the database has no Time Travel, or with `--without-bookmark`.
 * @throws OpsError if Time Travel returns none; the hint names `--without-bookmark`
 */
export async function readBookmark(
  project: Pick<AnyProject<ProjectOptions & BookmarkOptions>, "verb" | "options">,
  { bookmark }: Pick<Database, "bookmark">,
): Promise<string | null> {
  if (bookmark === null || project.options.withoutBookmark === true) return null;
  try {
    return await bookmark();
  } catch (error) {
    if (!(error instanceof OpsError) || error.code === "INTERRUPTED") throw error;
    throw withText(error, {
      message: `Time Travel returned no bookmark, so nothing was changed: ${error.message}`,
      hint: `${error.hint}
${offer("To continue without a way back", sameCommand(project, "--without-bookmark"))}`,
    });
  }
}

/**
 * Requests the bookmark before the plan is read, if flags already confirm the run. The first write then follows sooner.
 * Null if a person has to confirm, or if the database has no Time Travel.
 */
export function earlyBookmark(
  project: Pick<AnyProject<WriteOptions & BookmarkOptions>, "verb" | "options">,
  { bookmark, target }: Pick<Database, "bookmark" | "target">,
): Promise<string | null> | null {
  const { yes = false, confirm } = project.options;
  if (bookmark === null || (!yes && confirm !== target.database)) return null;
  const early = readBookmark(project, { bookmark });
  // A run that needs the bookmark awaits it and meets the failure. If nothing is pending, no run does.
  early.catch(() => {});
  return early;
}

/** For a run that changed something without a bookmark. */
export function noWayBackFinding({ database }: Target): Finding {
  return {
    rule: "no-way-back",
    level: "warning",
    message: `d1ops read no bookmark of ${database} before this run, because of --without-bookmark.`,
    help: offer(
      "When Time Travel works again, this command finds a bookmark by its time",
      `npx wrangler d1 time-travel info ${shellWord(database)} --timestamp=TIME`,
    ),
  };
}
