/**
 * The flag of the commands that read a bookmark of Time Travel before they write.
 * @module
 */
import type { Command } from "commander";
import type { BookmarkOptions } from "../commands/bookmark.ts";

export interface BookmarkFlags {
  readonly withoutBookmark?: boolean;
}

export function withBookmarkFlags(command: Command): Command {
  return command
    .optionsGroup("The way back:")
    .option("--without-bookmark", "go on where Time Travel gives no bookmark: no way back");
}

export function bookmarkOptions({ withoutBookmark }: BookmarkFlags): BookmarkOptions {
  return withoutBookmark === true ? { withoutBookmark } : {};
}
