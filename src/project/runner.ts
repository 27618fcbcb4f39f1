/** @module Who runs a verb, for the ledgers and for other runs. */
import { readAuthor } from "../files/author.ts";
import { isMarkOfDeadProcess, withMark } from "../files/process.ts";
import type { Author } from "../migrations/ledger.ts";
import { toolName } from "./envelope.ts";
import type { AnyProject } from "./project.ts";

export interface Runner {
  readonly author: Author;
  /** As messages show it: `ada@laptop (process 42)`. */
  readonly holder: string;
  /** Another one for each run, with the mark of this process. */
  readonly token: string;
  /** True if the process that made the token has certainly ended. */
  readonly isDead: (token: string) => boolean;
}

export function authorOf({ settings }: Pick<AnyProject, "settings">): Author {
  return { ...readAuthor(settings.projectPath), tool: toolName() };
}

/** For a run that other runs must recognise. The mark of its process takes longer to make than the rest. */
export function runnerOf(project: Pick<AnyProject, "settings">): Runner {
  const author = authorOf(project);
  return {
    author,
    holder: `${author.appliedBy ?? "unknown"} (process ${process.pid})`,
    token: withMark(crypto.randomUUID()),
    isDead: isMarkOfDeadProcess,
  };
}
