/** @module Stops a verb before it writes, if its caller has interrupted it. */
import { OpsError } from "../report/error.ts";
import type { AnyProject } from "./project.ts";

/**
 * For a verb that writes everything at once. A verb with many steps stops between two of them, and reports what is done.
 * @throws OpsError INTERRUPTED if the caller's signal is aborted
 */
export function requireUninterrupted({ stopping }: Pick<AnyProject, "stopping">): void {
  if (!stopping()) return;
  const message = "Interrupted before anything was written.";
  const hint = "Run the same command again.";
  throw new OpsError("INTERRUPTED", { signal: "SIGINT" }, { message, hint });
}
