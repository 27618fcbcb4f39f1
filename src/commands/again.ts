/**
 * The same database, said once more: the flags that a suggested command needs to mean what this one meant.
 * @module
 */
import type { ProjectOptions } from "./options.ts";

/** `migrate apply` becomes `d1ops migrate apply --local --db APP`. */
export function commandLine(command: string, options: ProjectOptions): string {
  const flags = [
    `--${options.place ?? "local"}`,
    ...flag("--env", options.env),
    ...flag("--db", options.db),
    ...flag("-c", options.config),
    ...flag("--persist-to", options.persistTo),
  ];
  return ["d1ops", command, ...flags].join(" ");
}

function flag(name: string, value: string | undefined): string[] {
  if (value === undefined) return [];
  return [name, shellWord(value)];
}

/** As a shell reads it back. */
export function shellWord(value: string): string {
  return /^[\w./@:-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
