/**
 * The way back: the command that takes a remote database to where it was before a run.
 * @module
 */
import { shellWord } from "../report/command.ts";
import type { Finding, Target } from "../report/report.ts";
import { type BookmarkOptions, noWayBackFinding } from "./bookmark.ts";
import type { Body } from "./envelope.ts";
import type { ProjectOptions } from "./options.ts";

/** wrangler's: everybody has it. The environment is the resolved one, so that the command does not depend on `CLOUDFLARE_ENV`. */
export function wayBackCommand(target: Target, bookmark: string, options: ProjectOptions): string {
  const env = target.env ?? options.env;
  const flags = [
    ...(env === undefined ? [] : ["--env", shellWord(env)]),
    ...(options.config === undefined ? [] : ["-c", shellWord(options.config)]),
  ];
  const name = shellWord(target.database);
  return [
    "npx wrangler d1 time-travel restore",
    name,
    `--bookmark=${shellWord(bookmark)}`,
    ...flags,
  ].join(" ");
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
  target: Target,
  bookmark: string | null,
  options: ProjectOptions & BookmarkOptions,
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
