/**
 * The way back: the command that restores a remote database to its state before a run.
 * @module
 */
import type { Finding, Target } from "../report/report.ts";
import { noWayBackFinding } from "./bookmark.ts";
import type { Body } from "../report/report-body.ts";
import type { BookmarkOptions, ProjectOptions } from "./project-options.ts";
import type { AnyProject } from "./project.ts";
import { wranglerCommand } from "./wrangler-command.ts";

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
