/** @module Opens a local database, or one in memory, for scripts. */
import type { ClientDatabase } from "../database/client.ts";
import { type LocalOptions, openLocal as openFile } from "../database/local.ts";
import { openMemory as openEmpty } from "../database/memory.ts";
import * as kinds from "../options/kinds.ts";
import { optionsOf } from "../options/check-options.ts";
import type { Target } from "../report/report.ts";
import { TARGET } from "../options/report-kinds.ts";
import { MS_AT_MOST } from "../project/project-options.ts";

interface LocalRequest {
  readonly path: string;
  readonly target: Target;
  readonly options: LocalOptions;
}

const readLocal = optionsOf<LocalRequest>("openLocal", {
  path: kinds.path,
  target: kinds.object<Target>(TARGET),
  options: kinds.object<LocalOptions>({
    mode: kinds.oneOf(["read", "write"]),
    busyTimeoutMs: kinds.optional(kinds.wholeNumber(0, MS_AT_MOST)),
    durable: kinds.optional(kinds.oneOf(["commit", "close"])),
  }),
});

/**
 * Opens the file that `wrangler dev` uses. Errors name `target`. The first statement opens the file, and the first statement that writes
 * creates it.
 * @throws OpsError OPTION_INVALID
 */
export function openLocal(path: string, target: Target, options: LocalOptions): ClientDatabase {
  const request = readLocal({ path, target, options });
  return openFile(request.path, request.target, request.options);
}

export interface MemoryOptions {
  /** Default: `memory`. */
  readonly name?: string;
}

const readMemory = optionsOf<MemoryOptions>("openMemory", { name: kinds.optional(kinds.text) });

/**
 * Opens an empty D1 database in memory, which closing deletes. It has D1's rules, limits and error messages.
 *
 * ```ts
 * const { d1, close } = openMemory();
 * await d1.prepare("CREATE TABLE t(a INTEGER PRIMARY KEY)").run();
 * ```
 * @throws OpsError OPTION_INVALID
 */
export function openMemory(options: MemoryOptions = {}): ClientDatabase {
  return openEmpty(readMemory(options));
}
