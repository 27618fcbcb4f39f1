/** @module Every setting of `d1ops.jsonc`: its name, its kind, and what it is for. `d1ops.schema.json` is made of this table. */
import * as kinds from "./options/kinds.ts";
import { BUCKET, ENDPOINT, HOME_NAME, type NamedHome, PREFIX } from "./s3/named-home.ts";
import { CALENDAR_DURATION } from "./snapshots/prune/calendar-duration.ts";
import { isMasks, maskKinds, maskProblems, type Masks, tableMasks } from "./clones/masks.ts";

/** The name of a setting is its path in the file. */
export interface SettingValues {
  readonly "snapshots.store": string;
  readonly "snapshots.files": readonly string[];
  readonly "snapshots.recipients": readonly string[];
  readonly "snapshots.retention.last": number;
  readonly "snapshots.retention.hourly": number;
  readonly "snapshots.retention.daily": number;
  readonly "snapshots.retention.weekly": number;
  readonly "snapshots.retention.monthly": number;
  readonly "snapshots.retention.yearly": number;
  readonly "snapshots.retention.within": string;
  readonly "snapshots.retention.labels": readonly string[];
  /** By their names. */
  readonly homes: Readonly<Record<string, NamedHome>>;
  readonly masks: Masks;
  readonly "audit.tables": readonly string[];
}

export interface Setting<V> {
  readonly kind: kinds.Kind<V>;
  /** For the JSON schema, which editors show. */
  readonly about: string;
}

export type SettingName = keyof SettingValues;

/** For editors. d1ops also checks that a path into JSON can be read. */
const MASKS = {
  type: "object",
  additionalProperties: {
    anyOf: [
      { enum: tableMasks },
      {
        type: "object",
        additionalProperties: {
          anyOf: [
            { enum: maskKinds },
            {
              type: "object",
              propertyNames: { pattern: String.raw`^\$` },
              additionalProperties: { enum: maskKinds },
            },
          ],
        },
      },
    ],
  },
} as const;

/** An identity is secret, and begins with AGE-SECRET-KEY. */
const RECIPIENT = /^age1[a-z\d]+$/;

const amount = kinds.wholeNumber(0, Number.MAX_SAFE_INTEGER);

function keeps(what: string): Setting<number> {
  return { kind: amount, about: `Of each database, snapshot prune keeps ${what}.` };
}

export const SETTINGS: { readonly [K in SettingName]: Setting<SettingValues[K]> } = {
  "snapshots.store": {
    kind: kinds.path,
    about:
      "Where the snapshots are: a folder, relative to this file, or s3://BUCKET/PREFIX, or the name of a home. Default: backups.",
  },
  "snapshots.files": {
    kind: kinds.listOf(kinds.name),
    about:
      "The project files that snapshot take stores with the database: patterns such as config/**, relative to this file. Default: no files.",
  },
  "snapshots.recipients": {
    kind: kinds.listOf(kinds.matching("a recipient of age: it begins with age1", RECIPIENT)),
    about:
      "The recipients of age for whom the first snapshot encrypts a store. An existing store stays as it is. Default: no encryption.",
  },
  "snapshots.retention.last": keeps("so many newest snapshots"),
  "snapshots.retention.hourly": keeps("the last snapshot of each of so many hours that have one"),
  "snapshots.retention.daily": keeps("the last snapshot of each of so many days that have one"),
  "snapshots.retention.weekly": keeps("the last snapshot of each of so many weeks that have one"),
  "snapshots.retention.monthly": keeps("the last snapshot of each of so many months that have one"),
  "snapshots.retention.yearly": keeps("the last snapshot of each of so many years that have one"),
  "snapshots.retention.within": {
    kind: kinds.matching("a duration, such as 1y5m7d2h", CALENDAR_DURATION),
    about: "snapshot prune keeps all snapshots of this time before the newest one: 1y5m7d2h.",
  },
  "snapshots.retention.labels": {
    kind: kinds.listOf(kinds.name),
    about: "snapshot prune keeps all snapshots that have one of these labels.",
  },
  homes: {
    kind: kinds.mapOf(
      HOME_NAME,
      "a name of small letters, digits and hyphens",
      kinds.object<NamedHome>({
        endpoint: kinds.optional(
          kinds.matching("an address such as https://s3.example.com, without a query", ENDPOINT),
        ),
        bucket: kinds.matching("a name of 3 to 63 letters, digits, dots and hyphens", BUCKET),
        prefix: kinds.optional(
          kinds.matching("a path such as shop/production, without slashes at its ends", PREFIX),
        ),
        region: kinds.optional(kinds.name),
      }),
    ),
    about:
      "Stores in an S3-compatible storage, by their names: --store NAME and snapshots.store mean one of them. Keys are not part of them, but variables: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
  },
  "audit.tables": {
    kind: kinds.listOf(kinds.name),
    about:
      "All application tables that audit tables expects. A missing table and one that is not in the list are errors. Default: any tables.",
  },
  masks: {
    kind: kinds.judged(isMasks, maskProblems, MASKS),
    about:
      "The columns that clone masks, by the names of their tables, unless --mask names a file. docs/clone.md of the package d1ops describes the masks.",
  },
};

/** The variables of d1ops that are no settings. */
export const OTHER_VARIABLES: readonly string[] = [
  "D1OPS_APPEND_KEY",
  "D1OPS_LEASE_SECONDS",
  "D1OPS_MASK_KEY",
  "D1OPS_PASSPHRASE",
  "D1OPS_PROGRAM_SECONDS",
];

/** The kind of each setting by its name. */
export const KINDS: ReadonlyMap<string, kinds.AnyKind> = new Map(
  Object.entries(SETTINGS).map(([name, { kind }]) => [name, kind]),
);

/** The kind of the whole file. Every setting is optional. */
export const FILE: kinds.AnyKind = objectOf([
  [["$schema"], kinds.text],
  ...[...KINDS].map(([name, kind]): Entry => [name.split("."), kind]),
]);

type Entry = readonly [path: readonly string[], kind: kinds.AnyKind];

function objectOf(entries: readonly Entry[]): kinds.AnyKind {
  const groups = Map.groupBy(entries, ([[key = ""]]) => key);
  const shape = Array.from(groups, ([key, group]): [string, kinds.AnyKind] => {
    const inner = group.map(([[, ...rest], kind]): Entry => [rest, kind]);
    const leaf = inner.find(([rest]) => rest.length === 0);
    return [key, { ...(leaf?.[1] ?? objectOf(inner)), optional: true }];
  });
  return kinds.object(Object.fromEntries(shape));
}
