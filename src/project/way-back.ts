/**
 * The way back: the command that takes a remote database to where it was before a run.
 * @module
 */
import type { Finding, Target } from "../report/report.ts";
import { noWayBackFinding } from "./bookmark.ts";
import type { Body } from "../report/report-body.ts";
import type { BookmarkOptions, ProjectOptions } from "./project-options.ts";
import type { AnyProject } from "./project.ts";
import { wranglerCommand } from "./wrangler-command.ts";

/** wrangler's: everybody has it. */
export function wayBackCommand(target: Target, bookmark: string, options: ProjectOptions): string {
  const words = ["time-travel", "restore", target.database, `--bookmark=${bookmark}`];
  return wranglerCommand(words, target, options);
}

/** Said with the command, for it takes back more than the run. */
export function wayBackFinding(target: Target, bookmark: string): Finding {
  return {
    rule: "way-back",
    level: "info",
    message: `Before its first write ${target.database} was at the bookmark ${bookmark}.`,
    help: "The last command below goes back there. It undoes every write since then, also those of users; it can be undone itself, with the bookmark that it prints.",
    data: { bookmark },
  };
}

/** Where nothing stands of a run, going back would only undo what users have written: then nothing is offered. */
export function withWayBack(
  body: Body,
  { options }: Pick<AnyProject<ProjectOptions & BookmarkOptions>, "options">,
  target: Target,
  bookmark: string | null,
): Body {
  const stands = body.outcome !== "ok" && body.outcome !== "failed";
  if (!stands || target.place === "local") return body;
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
