/** @module The machine and the versions of a result. */
import { readFileSync, statfsSync } from "node:fs";
import {
  arch,
  availableParallelism,
  cpus,
  loadavg,
  release,
  tmpdir,
  totalmem,
  type,
} from "node:os";
import { packageVersion } from "../src/version.ts";
import { resticVersion, sqlite3Version, zstdVersion } from "./contestants.ts";

export interface Machine {
  readonly system: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** The folder of the projects, and the magic number of its file system: 0xef53 is ext4, 0x1021994 is tmpfs. */
  readonly folder: string;
  readonly fileSystem: string;
}

export function describeMachine(): Machine {
  return {
    system: `${type()} ${release()} ${arch()}`,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    folder: tmpdir(),
    fileSystem: `0x${statfsSync(tmpdir()).type.toString(16)}`,
  };
}

export interface Versions {
  readonly d1ops: string;
  readonly node: string;
  /** The one in node, which d1ops uses. */
  readonly sqlite: string;
  /** The command-line program, which is the floor. */
  readonly sqlite3: string | null;
  readonly zstd: string | null;
  readonly restic: string | null;
  readonly wrangler: string;
  readonly workerd: string;
}

export function describeVersions(): Versions {
  return {
    d1ops: packageVersion(),
    node: process.versions.node,
    sqlite: process.versions["sqlite"] ?? "unknown",
    sqlite3: sqlite3Version(),
    zstd: zstdVersion(),
    restic: resticVersion(),
    wrangler: installed("wrangler"),
    workerd: installed("workerd"),
  };
}

/** The load average of one minute: the number of processes that wanted a core. */
export function load(): number {
  return loadavg()[0] ?? 0;
}

function installed(name: string): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), "utf8"),
  );
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown";
}
