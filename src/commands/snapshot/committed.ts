/** @module Warns of a store that git would commit. */
import { isCommitted } from "../../files/git-state.ts";
import { pathInside } from "../../files/path-inside.ts";
import type { Finding } from "../../report/report.ts";

/** Empty if the store is no folder, is outside of the work tree, or git ignores it. */
export async function committedFinding(
  projectPath: string,
  store: string | null,
): Promise<Finding[]> {
  const folder = store && pathInside(projectPath, store);
  if (store === null || folder === null || !(await isCommitted(projectPath, store))) return [];
  return [
    {
      rule: "store-in-git",
      level: "warning",
      message: `git does not ignore ${folder}/, which has all rows of the database in it, also personal data.`,
      help: `Add this line to .gitignore: /${folder}/`,
    },
  ];
}
