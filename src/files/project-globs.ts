/** @module Which files of a project a list of globs means. `!glob` excludes files, and folders with everything in them. */
import { Minimatch } from "minimatch";

export interface Selection {
  readonly fits: (path: string) => boolean;
  /** True if a path inside the folder can fit. */
  readonly mayContain: (folder: string) => boolean;
  readonly excludes: (path: string) => boolean;
  /** The globs that no path fits, as the user typed them. */
  readonly unmatched: (paths: readonly string[]) => string[];
}

/** Paths and globs are relative to the project, with forward slashes. `*` also matches names that begin with a dot. */
export function selectionOf(globs: readonly string[]): Selection {
  const included = globs.filter((glob) => !glob.startsWith("!")).map(matcherOf);
  const excluded = globs
    .filter((glob) => glob.startsWith("!"))
    .map((one) => matcherOf(one.slice(1).replace(/\/+$/, "")));
  return {
    fits: (path) => included.some((glob) => glob.match(path)),
    mayContain: (folder) => included.some((glob) => glob.match(folder, true)),
    excludes: (path) => excluded.some((glob) => glob.match(path)),
    unmatched: (paths) =>
      globs.filter((glob) => {
        if (glob.startsWith("!")) return included.length === 0;
        const matcher = matcherOf(glob);
        return !paths.some((path) => matcher.match(path));
      }),
  };
}

function matcherOf(glob: string): Minimatch {
  return new Minimatch(glob.replace(/^(?:\.\/)+/, ""), {
    dot: true,
    nonegate: true,
    nocomment: true,
  });
}
