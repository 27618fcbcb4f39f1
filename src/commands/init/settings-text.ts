/** @module The first `d1ops.jsonc` of a project, with comments. */
import { DEFAULT_STORE } from "../../project/default-store.ts";
import { count } from "../../report/wording.ts";

/** What the project has. */
export interface Surroundings {
  /** The path of the JSON schema, relative to the file. */
  readonly schema: string;
  /** The names of the databases. */
  readonly databases: readonly string[];
  /** Patterns that each match a file, and patterns with `!` that leave out files with secrets. */
  readonly files: readonly string[];
  /** Null if there are no snapshots yet. */
  readonly store: { readonly snapshots: number; readonly isEncrypted: boolean } | null;
  /** The buckets that the Worker uses. */
  readonly buckets: readonly string[];
}

export function settingsText({ schema, databases, files, store, buckets }: Surroundings): string {
  return `// Settings of d1ops. A variable such as D1OPS_SNAPSHOTS_STORE takes precedence, and so does a flag.
// Every setting: docs/settings.md of the package d1ops.
{
  "$schema": ${JSON.stringify(schema)},

  "snapshots": {
    // Where the snapshots are: a folder beside this file, s3://BUCKET/PREFIX, or the name of a home.
    // ${storeText(store)}
    "store": "${DEFAULT_STORE}",

    // The project files that snapshot take stores with ${databaseText(databases)}. A pattern with ! leaves files out.
    "files": ${listText(files)},

    // A new store is encrypted for these recipients of age. age-keygen makes a key, and prints its recipient.
    // "recipients": ["age1…"],

    // What snapshot prune keeps of each database.
    "retention": { "daily": 7, "weekly": 5, "monthly": 12 },
  },

  // Names for buckets of R2 or another S3-compatible storage. Their keys are variables: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
  // ${bucketText(buckets)}
  // "homes": {
  //   "r2": { "bucket": "snapshots", "prefix": "production" },
  // },

  // The columns that clone masks: docs/clone.md.
  // "masks": {
  //   "users": { "email": "email", "phone": "phone", "name": "name" },
  // },
}
`;
}

function storeText(store: Surroundings["store"]): string {
  if (store === null) return "There are no snapshots yet.";
  const encrypted = store.isEncrypted ? "encrypted" : "not encrypted";
  return `${DEFAULT_STORE} has ${count(store.snapshots, "snapshot")}, and is ${encrypted}.`;
}

function databaseText(databases: readonly string[]): string {
  const [only, ...others] = databases.map(nameText);
  if (only === undefined) return "the database";
  return others.length === 0
    ? `the database ${only}`
    : `each database: ${[only, ...others].join(", ")}`;
}

function bucketText(buckets: readonly string[]): string {
  const advice = "Use a private bucket that has nothing else in it.";
  if (buckets.length === 0) return advice;
  return `${advice} The Worker uses ${buckets.map(nameText).join(", ")}.`;
}

function listText(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(", ")}]`;
}

/** A line end in a name must not end the comment. */
function nameText(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : JSON.stringify(name);
}
