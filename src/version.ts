/**
 * Our own name and version, as reports and ledger rows carry them.
 * @module
 */
import { readFileSync } from "node:fs";

/** Semver, from the package that this file was installed with. */
export function packageVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown";
}
