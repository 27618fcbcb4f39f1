import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";
import { onTestFinished, vi } from "vitest";

/** Records the names of the files that d1ops itself syncs to the disk. SQLite's own calls are not seen. `fail` is thrown by each. */
export function recordSyncs(fail?: Error): string[] {
  const names = new Map<number, string>();
  const synced: string[] = [];
  const { openSync, fdatasyncSync } = fs;
  vi.spyOn(fs, "openSync").mockImplementation((path, ...rest) => {
    const file = openSync(path, ...rest);
    names.set(file, basename(String(path)));
    return file;
  });
  vi.spyOn(fs, "fdatasyncSync").mockImplementation((file) => {
    if (fail !== undefined) throw fail;
    fdatasyncSync(file);
    synced.push(names.get(file) ?? "unknown");
  });
  syncBuiltinESMExports();
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
  return synced;
}
