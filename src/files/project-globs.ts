/** @module Which files of a project a list of globs means. `!glob` excludes files, and folders with everything in them. */
import { escape, Minimatch } from "minimatch";

export interface Selection {
  readonly fits: (path: string) => boolean;
  /** True if a path inside the folder can fit. */
  readonly mayContain: (folder: string) => boolean;
  readonly excludes: (path: string) => boolean;
  /** True if the path fits, and neither it nor a folder above it is excluded. */
  readonly chooses: (path: string) => boolean;
  /** The globs that no path fits, as the user typed them. */
  readonly unmatched: (paths: readonly string[]) => string[];
}

/** Paths and globs are relative to the project, with forward slashes. `*` also matches names that begin with a dot. */
export function selectionOf(globs: readonly string[]): Selection {
  const included = globs.filter((glob) => !glob.startsWith("!")).map(matcherOf);
  const excluded = globs
    .filter((glob) => glob.startsWith("!"))
    .map((one) => matcherOf(one.slice(1).replace(/\/+$/, "")));
  const fits = (path: string): boolean => included.some((glob) => glob.match(path));
  const excludes = (path: string): boolean => excluded.some((glob) => glob.match(path));
  return {
    fits,
    mayContain: (folder) => included.some((glob) => glob.match(folder, true)),
    excludes,
    chooses: (path) => fits(path) && !withFolders(path).some(excludes),
    unmatched: (paths) =>
      globs.filter((glob) => {
        if (glob.startsWith("!")) return included.length === 0;
        const matcher = matcherOf(glob);
        return !paths.some((path) => matcher.match(path));
      }),
  };
}

/** `a/b/c` is in `a/b` and in `a`. */
function withFolders(path: string): string[] {
  const names = path.split("/");
  return names.map((_, at) => names.slice(0, at + 1).join("/"));
}

/** A glob that fits this path alone. A name may contain characters that have a meaning in globs. */
export function literalGlob(path: string): string {
  return `./${escape(path, { magicalBraces: true })}`;
}

function matcherOf(glob: string): Minimatch {
  return new Minimatch(glob.replace(/^(?:\.\/)+/, ""), {
    dot: true,
    nonegate: true,
    nocomment: true,
  });
}
