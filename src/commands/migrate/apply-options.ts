/**
 * The options of `migrate apply`.
 * @module
 */
import * as kinds from "../../options/kinds.ts";
import { optional } from "../../options/kinds.ts";
import { optionsOf, type ReadOptions } from "../../options/check-options.ts";
import { BOOKMARK, type BookmarkOptions, WRITE, type WriteOptions } from "../../project/options.ts";
import type { OnProgress } from "../../report/progress.ts";
import { type MigratePlanOptions, PLAN } from "./plan-options.ts";

export interface MigrateApplyOptions extends MigratePlanOptions, WriteOptions, BookmarkOptions {
  /** Called before each migration. */
  readonly onProgress?: OnProgress;
}

export const readMigrateApply: ReadOptions<MigrateApplyOptions> = optionsOf<MigrateApplyOptions>(
  "migrateApply",
  {
    ...WRITE,
    ...PLAN,
    ...BOOKMARK,
    onProgress: optional(kinds.callback<NonNullable<MigrateApplyOptions["onProgress"]>>()),
  },
);
