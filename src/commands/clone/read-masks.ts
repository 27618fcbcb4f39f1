/** @module The masks of a clone: those of the file, and the key that makes them. */
import { QUARANTINE } from "../../backfills/backfill-state.ts";
import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { repeatedKeysIn } from "../../config/json-tree.ts";
import { parseConfig } from "../../config/parse-config.ts";
import { maskMac } from "../../files/mask-mac.ts";
import { SETTINGS_FILE } from "../../project/own-settings.ts";
import type { AnyProject, Project } from "../../project/project.ts";
import { OpsError } from "../../clones/errors.ts";
import {
  type ColumnName,
  isKept,
  type MaskPlan,
  nameInMasks,
  NO_MASKS,
  planMasks,
} from "../../clones/mask-plan.ts";
import { misfits } from "../../clones/mask-problems.ts";
import { type MaskProblem, maskProblems, type Masks, soundMasks } from "../../clones/masks.ts";
import { type Masker, maskerOf } from "../../clones/mask-value.ts";
import { type Unmasked, unmaskedIn } from "../../clones/personal.ts";
import type { Described } from "../../snapshots/rows/read-source.ts";
import type { CloneOptions } from "./options.ts";

export interface GivenMasks {
  readonly masks: Masks;
  /** Of the masks themselves. Then `masks` is only what is left. */
  readonly problems: readonly MaskProblem[];
}

/** Null without a file and without the setting. @throws OpsError CONFIG_UNREADABLE, CONFIG_INVALID, MASK_INVALID if nothing of the file is a mask */
export async function readMasks({
  options,
  cwd,
  setting,
}: AnyProject<CloneOptions>): Promise<GivenMasks | null> {
  if (options.mask === undefined) {
    const masks = setting("masks");
    return masks === null ? null : { masks, problems: [] };
  }
  const path = resolve(cwd, options.mask);
  const value = await parseConfig(path);
  const repeated = await repeatedKeysIn(path);
  const problems = [...repeated.map(writtenTwice), ...maskProblems(value)];
  // Nothing that a database could be compared with.
  if (problems.some((one) => one.path.length === 0)) throw invalid(options.mask, problems);
  return { masks: soundMasks(value), problems };
}

function writtenTwice({ path }: Pick<MaskProblem, "path">): MaskProblem {
  return { path, problem: "is there twice; write it once", nearest: null };
}

export interface Masking {
  readonly hasMasks: boolean;
  readonly plan: MaskPlan;
  readonly masker: Masker;
  /** How masks name a stored column that is searched for originals. Null: it is copied as it is on purpose. */
  readonly searchedAs: (stored: ColumnName) => ColumnName | null;
  readonly unmasked: readonly Unmasked[];
}

/** The masks for this database. @throws OpsError MASK_INVALID, USAGE for a key that is too short */
export function maskingOf(
  project: Project<CloneOptions>,
  described: Described,
  read: GivenMasks | null,
): Masking {
  const given = read?.masks ?? {};
  const wrong = read?.problems ?? [];
  const problems = [...wrong, ...misfits(described, given, wrong)];
  if (read !== null && problems.length > 0)
    throw invalid(project.options.mask ?? SETTINGS_FILE, problems);
  const nameOf = nameInMasks(described);
  return {
    hasMasks: read !== null,
    plan: read === null ? NO_MASKS : planMasks(described, given, [QUARANTINE]),
    masker: maskerFor(project),
    searchedAs: (stored) => {
      const name = nameOf(stored);
      return isKept(given, name) ? null : name;
    },
    unmasked: unmaskedIn(described, given, [project.settings.database.migrationsTable]),
  };
}

/** A shorter key could be guessed, and then every masked value. */
const SHORTEST_KEY = 16;

/** With the variable D1OPS_MASK_KEY, each clone masks a value alike. Without it, each clone has a random key. @throws OpsError USAGE */
function maskerFor({ variables }: AnyProject<CloneOptions>): Masker {
  const key = variables["D1OPS_MASK_KEY"] ?? "";
  if (key === "") return maskerOf(maskMac(randomBytes(32)));
  if (key.length >= SHORTEST_KEY) return maskerOf(maskMac(key));
  const message = `D1OPS_MASK_KEY has ${key.length} characters, and needs at least ${SHORTEST_KEY}: a short key can be guessed.`;
  const hint = "Set it to the output of `openssl rand -hex 32`, or unset it for a random key.";
  throw new OpsError("USAGE", { argument: "D1OPS_MASK_KEY" }, { message, hint });
}

function invalid(path: string, problems: readonly MaskProblem[]): OpsError<"MASK_INVALID"> {
  const named = problems.map((one) => ({ ...one, name: one.path.join(".") || "the file" }));
  const message = named.map(({ name, problem }) => `${path}: ${name} ${problem}.`).join("\n");
  const guesses = named.flatMap(({ name, nearest }) =>
    nearest === null ? [] : [`${name}: did you mean ${nearest}?`],
  );
  const hint = [...guesses, "Correct the file. docs/clone.md of the package d1ops describes it."];
  const details = { path, problems: named.map(({ name, problem }) => ({ name, problem })) };
  return new OpsError("MASK_INVALID", details, { message, hint: hint.join("\n") });
}
