/**
 * The flag of the commands that read a Time Travel bookmark before they write.
 * @module
 */
import type { Command } from "commander";
import type { BookmarkOptions } from "../project/project-options.ts";

export interface BookmarkFlags {
  readonly withoutBookmark?: boolean;
}

export function withBookmarkFlags(command: Command): Command {
  return command
    .optionsGroup("The way back:")
    .option("--without-bookmark", "read no Time Travel bookmark: there is no way back");
}

export function bookmarkOptions({ withoutBookmark }: BookmarkFlags): BookmarkOptions {
  return withoutBookmark === true ? { withoutBookmark } : {};
}
