/** @module Finds a backfill by its name or its number. */
import { command, offer } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import type { ErrorText } from "../report/error-class.ts";
import { nearest } from "../report/nearest.ts";

export const BACKFILL_ENDING: RegExp = /\.(?:sql|ts|mts|js|mjs)$/;

export function backfillName(file: string): string {
  return file.replace(BACKFILL_ENDING, "");
}

interface Named {
  readonly name: string;
}

/** The backfill that a command names; `retype` makes that command with another name. @throws OpsError BACKFILL_UNKNOWN */
export function findBackfill<T extends Named>(
  backfills: readonly T[],
  wanted: string,
  retype: (name: string) => string,
): T {
  return pick(backfills, wanted, (guess) => ({
    message: `There is no backfill ${wanted}.`,
    hint:
      guess === null
        ? `d1ops reads the folder backfills beside the migrations.\n${offer("To list them", command("backfill list"))}`
        : `Did you mean ${guess}?\n${retype(guess)}`,
  }));
}

/** The backfill that a migration requires. @throws OpsError BACKFILL_UNKNOWN */
export function requiredBackfill<T extends Named>(
  backfills: readonly T[],
  wanted: string,
  migration: string,
): T {
  const line = `"-- d1ops:requires backfill ${wanted}"`;
  return pick(backfills, wanted, (guess) => ({
    message: `${migration} requires the backfill ${wanted}, but no backfill has that name.`,
    hint:
      guess === null
        ? howToWrite(wanted, `Correct the line ${line}, or`)
        : `Did you mean ${guess}? Correct the line ${line} of ${migration}.`,
  }));
}

/** `texts` are those of the error if none has this name or number; `guess` is a near name. */
function pick<T extends Named>(
  backfills: readonly T[],
  wanted: string,
  texts: (guess: string | null) => ErrorText,
): T {
  const found = matches(backfills, wanted);
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  const { message, hint } = texts(nearestBackfill(wanted, backfills));
  throw new OpsError(
    "BACKFILL_UNKNOWN",
    { name: wanted, known: backfills.map(({ name }) => name) },
    { message: severalText(wanted, found) ?? message, hint },
  );
}

/** The one with this name; otherwise all with this number. */
function matches<T extends Named>(backfills: readonly T[], wanted: string): readonly T[] {
  const exact = backfills.filter(({ name }) => name === backfillName(wanted));
  if (exact.length > 0 || !/^\d+$/.test(wanted)) return exact.slice(0, 1);
  return backfills.filter(({ name }) => Number.parseInt(name, 10) === Number(wanted));
}

function severalText(wanted: string, found: readonly Named[]): string | null {
  if (found.length === 0) return null;
  const names = found.map(({ name }) => name).join(", ");
  return `${found.length} backfills have the number ${wanted}: ${names}.`;
}

/** Compares with and without the numbers. */
function nearestBackfill(wanted: string, backfills: readonly Named[]): string | null {
  const known = backfills.map(({ name }) => name);
  const bare = (name: string): string => name.replace(/^\d+[_-]/, "");
  const near = nearest(bare(wanted), known.map(bare));
  return nearest(wanted, known) ?? known.find((name) => bare(name) === near) ?? null;
}

/** `backfill new` keeps the number of a name, and adds one to a name without. */
function howToWrite(name: string, start: string): string {
  return /^\d+[_-]/.test(name)
    ? offer(`${start} write the backfill`, command("backfill new", name))
    : `${start} put the file ${name}.sql into the folder backfills beside the migrations.`;
}
