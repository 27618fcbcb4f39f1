/** @module The options of `snapshot diff`, and the sides that they mean. */
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import {
  DATABASE_PLACES,
  type DatabasePlace,
  parsePlace,
  type PlaceOf,
  requireAgreement,
} from "../../options/place.ts";
import { command, offer } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import type { OnProgress } from "../../report/progress.ts";
import { SNAPSHOT, type SnapshotOptions } from "./snapshot-options.ts";

export interface SnapshotDiffOptions extends SnapshotOptions {
  /**
   * A snapshot: the beginning of its id, `latest` (default), or `snapshot:ID`. Or a database: `local`, `remote`, `env:NAME` or
   * `file:PATH.sqlite`. At least one side is a snapshot.
   */
  readonly left?: string;
  /** The same. Default: the place, which is `local` if it is absent. */
  readonly right?: string;
  /** Compares only these tables, and no files. */
  readonly tables?: readonly string[];
  /** With the old and the new values of the rows. */
  readonly showValues?: boolean;
  /** The most rows of each table in the report. Default: 10. */
  readonly limit?: number;
  /** Called from time to time: rows of the database, then bytes of the files. */
  readonly onProgress?: OnProgress;
}

export const readDiffOptions: (given: SnapshotDiffOptions) => SnapshotDiffOptions =
  optionsOf<SnapshotDiffOptions>("snapshotDiff", {
    ...SNAPSHOT,
    left: kinds.optional(kinds.name),
    right: kinds.optional(kinds.name),
    tables: kinds.optional(kinds.listOf(kinds.name)),
    showValues: kinds.optional(kinds.flag),
    limit: kinds.optional(kinds.wholeNumber(0, 1_000_000)),
    onProgress: kinds.optional(kinds.listener<OnProgress>()),
  });

/** A snapshot, or a database. */
export type SidePlace = PlaceOf<"snapshot"> | DatabasePlace;

/** With both sides named. */
export interface NamedSides extends SnapshotDiffOptions {
  readonly left: string;
  readonly right: string;
}

const SIDES = [...DATABASE_PLACES, "snapshot"] as const;

/** A word without a colon is a snapshot, unless it names a database. @throws OpsError USAGE */
export function sideOf(text: string): SidePlace {
  const isId = !text.includes(":") && text !== "local" && text !== "remote";
  return isId ? { kind: "snapshot", id: text } : parsePlace(text, "The side", SIDES);
}

export function databaseOf(options: NamedSides): DatabasePlace | null {
  const sides = [sideOf(options.left), sideOf(options.right)];
  return sides.find((side) => side.kind !== "snapshot") ?? null;
}

/** Names both sides, and the place if one of them is `local` or `remote`. @throws OpsError USAGE */
export function withSides(options: SnapshotDiffOptions): NamedSides {
  const { left = "latest", place } = options;
  const isDatabase = sideOf(left).kind !== "snapshot";
  const right = options.right ?? (isDatabase ? "latest" : (place ?? "local"));
  if (isDatabase && sideOf(right).kind !== "snapshot") {
    const message =
      left === right
        ? `Both sides are ${left}, so they cannot differ.`
        : `Neither ${left} nor ${right} is a snapshot, and one side has to be one.`;
    const commands = [...new Set([left, right])].map((side) =>
      command("snapshot diff", "latest", side),
    );
    const hint = offer("To compare a database with its newest snapshot", commands.join("\n"));
    throw new OpsError("USAGE", { argument: right }, { message, hint });
  }
  const database = databaseOf({ ...options, left, right });
  if (database === null) return { ...options, left, right };
  const { kind } = database;
  requireAgreement(place, database);
  const placed = kind === "local" || kind === "remote" ? { place: kind } : {};
  return { ...options, ...placed, left, right };
}
