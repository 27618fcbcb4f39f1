/** @module Stops a verb that works on local databases only. */
import { OpsError } from "../report/error.ts";
import type { AnyProject } from "./project.ts";

/** @throws OpsError USAGE if the place is remote */
export function requireLocal({ verb, place }: AnyProject): void {
  if (place === "local") return;
  const message = `\`${verb}\` works on the local database only. It does not support --remote yet.`;
  const hint = "Leave --remote out. A remote database has Time Travel, which wrangler restores.";
  throw new OpsError("USAGE", { argument: "--remote" }, { message, hint });
}
