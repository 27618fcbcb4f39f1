/** @module Our own name and version, as reports, ledger rows and the Worker's answers carry them. */

/** Semver: the package's. In the code, because a Worker has no file to read it from. */
export function packageVersion(): string {
  return "0.1.0";
}
