/** @module What a clone would change: compares it with the present, and confirms what would be lost. Changes nothing. */
import { sameCommand, type TypedCommand } from "../../project/command-line.ts";
import { requireConfirmation } from "../../project/confirm.ts";
import type { Project } from "../../project/project.ts";
import { offer } from "../../report/command.ts";
import type { Target } from "../../report/report.ts";
import { replacedFindings } from "../../clones/clone-findings.ts";
import type { Clone } from "../../clones/clone-result.ts";
import { changesDatabase } from "../../snapshots/restore/restore-plan.ts";
import { snapshotCodec } from "../../files/snapshot-codec.ts";
import { confirmLosses } from "../snapshot/confirm-losses.ts";
import { measurePresent } from "../snapshot/measure-present.ts";
import type { CloneOptions } from "./options.ts";
import type { Prepared } from "./build-clone.ts";
import type { Masking } from "./read-masks.ts";
import type { CloneSource } from "./clone-source.ts";
import type { CloneTarget } from "./clone-target.ts";

export interface CloneContext {
  /** As the user typed it. */
  readonly typed: TypedCommand & { readonly options: CloneOptions };
  /** At the database that is replaced. */
  readonly project: Project<CloneOptions>;
  readonly source: CloneSource;
  readonly masking: Masking;
  readonly prepared: Prepared;
  readonly target: Target;
  readonly writer: CloneTarget;
}

export interface FoundClone {
  readonly clone: Clone;
  /** False if the database equals the clone already. */
  readonly changes: boolean;
}

/** @throws OpsError DATABASE_UNREADABLE */
export async function findClone(context: CloneContext): Promise<FoundClone> {
  const { project, source, masking, prepared, target, writer } = context;
  const { verb, options } = context.typed;
  const now = await measurePresent(project, {
    codec: snapshotCodec,
    hasDatabase: true,
    files: [],
    explain: writer.explain,
  });
  const plan = await writer.plan(now);
  const { from, to } = options;
  const wet: CloneOptions = { ...options, dryRun: false };
  const { tables = [], schema = [] } = prepared.manifest.database ?? {};
  const { plan: masks, unmasked, hasMasks } = masking;
  return {
    changes: changesDatabase(plan),
    clone: {
      from,
      to,
      source: source.target,
      target,
      tables,
      tallies: prepared.masker.tallies,
      emptied: tables
        .filter(({ name, rows }) => rows === 0 && masks.tables.get(name)?.isEmpty === true)
        .map(({ name }) => name),
      hasMasks,
      unmasked,
      leaks: prepared.leaks,
      leakyObjects: schema.filter(({ sql }) => prepared.leaks.search.isIn(sql)),
      losses: replacedFindings(plan, target, from),
      again: sameCommand({ verb, options: wet }),
    },
  };
}

/** Returns the confirmed clone. @throws OpsError NOT_CONFIRMED */
export async function confirmedClone(
  context: CloneContext,
  found: FoundClone,
): Promise<FoundClone> {
  return confirmLosses(found, {
    losses: ({ clone }) => clone.losses,
    confirm: async (one) => confirm(context, one),
    plan: async () => findClone(context),
    isNamed: context.typed.options.confirm !== undefined,
  });
}

/** A clone that loses nothing needs no confirmation. */
async function confirm({ target, typed }: CloneContext, { clone }: FoundClone): Promise<void> {
  const { verb, options } = typed;
  const { losses, again, from, to } = clone;
  if (losses.length === 0) return;
  await requireConfirmation(
    { verb, options: { ...options, dryRun: false } },
    {
      action: `replace ${to} by a clone of ${from}`,
      target,
      localToo: true,
      destructive: () => losses,
      preview: offer("To see what would be replaced", `${again} --dry-run`),
    },
  );
}
