import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";
import { onTestFinished, vi } from "vitest";

export interface Syncs {
  /** The names of the files that d1ops itself has synced, in order. SQLite's own calls are not seen. */
  readonly synced: string[];
  /** The files that another thread was to sync, with the number of files that were opened before. */
  readonly begun: { readonly name: string; readonly file: number }[];
  /** The descriptors of all files that were opened, in order. */
  readonly opened: number[];
}

/** `fail` is thrown by each sync that d1ops waits for. */
export function recordSyncs(fail?: Error): Syncs {
  const names = new Map<number, string>();
  const [synced, begun, opened]: [Syncs["synced"], Syncs["begun"], number[]] = [[], [], []];
  const { openSync, fdatasync, fdatasyncSync } = fs;
  vi.spyOn(fs, "openSync").mockImplementation((path, ...rest) => {
    const file = openSync(path, ...rest);
    names.set(file, basename(String(path)));
    opened.push(file);
    return file;
  });
  vi.spyOn(fs, "fdatasyncSync").mockImplementation((file) => {
    if (fail !== undefined) throw fail;
    fdatasyncSync(file);
    synced.push(names.get(file) ?? "unknown");
  });
  vi.spyOn(fs, "fdatasync").mockImplementation((file, done) => {
    begun.push({ name: names.get(file) ?? "unknown", file });
    fdatasync(file, done);
  });
  syncBuiltinESMExports();
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
  return { synced, begun, opened };
}
