/**
 * The options that `migrate plan` and `migrate apply` share. A file of its own: the declarations of the verbs must not reach `Project`,
 * whose types need Cloudflare's SDK.
 * @module
 */
import { type Allowance, allowances } from "../../migrations/plan.ts";
import * as kinds from "../../options/kinds.ts";
import { PROJECT, type ProjectOptions } from "../../project/project-options.ts";

export interface MigratePlanOptions extends ProjectOptions {
  /** The last migration to apply: its name, its name without `.sql`, or its number. Default: all pending migrations. */
  readonly to?: string;
  /** Problems that do not stop the run. */
  readonly allow?: readonly Allowance[];
}

export const PLAN: kinds.Shape<MigratePlanOptions> = {
  ...PROJECT,
  to: kinds.optional(kinds.name),
  allow: kinds.optional(kinds.listOf(kinds.oneOf(allowances))),
};
