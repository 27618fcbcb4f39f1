/**
 * The way back from a run on a remote database: the Time Travel bookmark that it reads before its first write, and the command that
 * restores it. If there is no bookmark, the run stops, except with `--without-bookmark`.
 * @module
 */
import type { Database } from "../database/port.ts";
import { offer, shellWord } from "../report/command.ts";
import { withText } from "../report/error-class.ts";
import { OpsError } from "../report/error.ts";
import type { Body } from "../report/report-body.ts";
import type { Finding, Target } from "../report/report.ts";
import { sameCommand } from "./command-line.ts";
import type { BookmarkOptions, ProjectOptions, WriteOptions } from "./project-options.ts";
import type { AnyProject } from "./project.ts";
import { wranglerCommand } from "./wrangler-command.ts";

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
function noWayBackFinding({ database }: Target): Finding {
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

/** A command of wrangler, because every user has it. */
export function wayBackCommand(target: Target, bookmark: string, options: ProjectOptions): string {
  const words = ["time-travel", "restore", target.database, `--bookmark=${bookmark}`];
  return wranglerCommand(words, target, options);
}

/** Explains the command, because it undoes more than the run. */
export function wayBackFinding(target: Target, bookmark: string): Finding {
  return {
    rule: "way-back",
    level: "info",
    message: `The bookmark of ${target.database} before the first write of this run is ${bookmark}.`,
    help: "The last command below restores this state. It undoes every write since then, also those of other clients. The bookmark that it prints undoes the restore.",
    data: { bookmark },
  };
}

/** Suggests the command only if the run changed something. Else it would only undo the writes of other clients. */
export function withWayBack(
  body: Body,
  { options }: Pick<AnyProject<ProjectOptions & BookmarkOptions>, "options">,
  target: Target,
  bookmark: string | null,
): Body {
  const changed = body.outcome !== "ok" && body.outcome !== "failed";
  if (!changed || target.place === "local") return body;
  if (bookmark === null) {
    if (options.withoutBookmark !== true) return body;
    return { ...body, findings: [...(body.findings ?? []), noWayBackFinding(target)] };
  }
  return {
    ...body,
    findings: [...(body.findings ?? []), wayBackFinding(target, bookmark)],
    next: [...(body.next ?? []), wayBackCommand(target, bookmark, options)],
  };
}
