/**
 * The bookmark of Time Travel that a run reads before its first write. Without one there is no way back, so the run stops, unless it was told to go on.
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
 * Null where the database has no Time Travel, or none was wanted.
 * @throws OpsError what kept Time Travel from answering; its hint names the flag that goes on
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
      message: `Time Travel gave no bookmark to go back to, so nothing was changed: ${error.message}`,
      hint: `${error.hint}\n${offer("To go on without a way back", sameCommand(project, "--without-bookmark"))}`,
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

/** Said of a run that has changed something and has no bookmark. */
export function noWayBackFinding({ database }: Target): Finding {
  return {
    rule: "no-way-back",
    level: "warning",
    message: `d1ops read no bookmark of ${database} before this run, because of --without-bookmark.`,
    help: offer(
      "When Time Travel works again, it finds a bookmark by its time",
      `npx wrangler d1 time-travel info ${shellWord(database)} --timestamp=TIME`,
    ),
  };
}
