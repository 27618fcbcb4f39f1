/** @module The report of `snapshot verify`: what is damaged, and what is lost with it. `drill-report.ts` has what it says about a drill. */
import { command } from "../../report/command.ts";
import { type Body, errorFinding, step } from "../../report/report-body.ts";
import type { Check, Finding, Step } from "../../report/report.ts";
import { count } from "../../report/wording.ts";
import { accuracyFindings } from "./accuracy-findings.ts";
import type { Unreadable } from "../store/catalog.ts";
import type { Drill } from "../verify/drill.ts";
import { drillChecks, drillFindings, drillPassed } from "./drill-report.ts";
import type { OpsError } from "../errors.ts";
import type { Snapshot } from "../store/manifests.ts";
import type { Proof } from "../verify/proof.ts";
import { unreadableFindings } from "./snapshot-list-report.ts";
import {
  appendedFindings,
  contentText,
  moment,
  snapshotData,
  sourceText,
} from "./snapshot-words.ts";
import type { Damage } from "../verify/contradictions.ts";

export interface Verification {
  readonly snapshot: Snapshot;
  readonly damages: readonly Damage[];
  /** Null without `--drill`, for a snapshot without a database, and for a damaged one. */
  readonly drill: Drill | null;
  readonly durationMs: number;
}

export interface Verified extends Verification {
  /** What the store recorded. Null: nothing. */
  readonly proof: Proof | null;
  /** About recording it. */
  readonly findings: readonly Finding[];
}

export interface VerifyResult {
  readonly location: string;
  /** As many digits of an id as the store needs. */
  readonly short: (id: string) => string;
  readonly verified: readonly Verified[];
  /** Those that the command would have verified. */
  readonly unreadable: readonly Unreadable[];
  /** With `--drill`. */
  readonly isDrill: boolean;
  /** Damaged copies of the key of an encrypted store. */
  readonly keyDamages: readonly OpsError<"SNAPSHOT_DAMAGED">[];
}

/** Outcome `problems` if anything is damaged, or if a drill gave another database. */
export function snapshotVerifyReport(result: VerifyResult): Body {
  const { location, short, verified, unreadable, keyDamages, isDrill } = result;
  const results = verified.map((one) => resultOf(one, short(one.snapshot.id), isDrill));
  const bad = results.filter(({ isGood }) => !isGood).length + unreadable.length;
  const all = verified.length + unreadable.length;
  const [only] = results;
  return {
    outcome: bad > 0 || keyDamages.length > 0 ? "problems" : "ok",
    summary:
      all === 1 && only !== undefined
        ? only.summary
        : `${count(all, "snapshot")} of ${location}: ${bad === 0 ? "all intact" : `${bad} damaged`}`,
    steps: results.map((one) => one.step),
    findings: [
      ...unreadableFindings({ unreadable }),
      ...results.flatMap(({ findings }) => findings),
      ...keyDamages.map((error) =>
        errorFinding(error, "error", { rule: "snapshot-damaged", message: error.message }),
      ),
    ],
    checks: results.flatMap(({ checks }) => checks),
    data: {
      store: location,
      snapshots: verified.map(({ snapshot, damages, drill, proof }) => ({
        ...snapshotData(snapshot),
        intact: damages.length === 0,
        damaged: grouped(damages).map(({ object, tables, files }) => ({ object, tables, files })),
        drill: drill === null ? null : drillPassed(drill),
        provenAt: proof?.provenAt ?? null,
      })),
    },
    next: nextOf(results, bad),
  };
}

interface Result {
  readonly short: string;
  readonly isGood: boolean;
  /** A drill would prove more. */
  readonly lacksDrill: boolean;
  readonly summary: string;
  readonly step: Step;
  readonly findings: readonly Finding[];
  readonly checks: readonly Check[];
}

/** The snapshot is intact, and the drill, if any, rebuilt its database. */
export function hasPassed({ damages, drill }: Verification): boolean {
  return damages.length === 0 && (drill === null || drillPassed(drill));
}

function resultOf(verified: Verified, short: string, isDrill: boolean): Result {
  const { snapshot, damages, drill, durationMs } = verified;
  const { manifest } = snapshot;
  const objects = grouped(damages);
  const isGood = hasPassed(verified);
  const verdict = verdictOf(verified, objects.length, isDrill);
  const about = `${sourceText(manifest)}, ${moment(manifest.takenAt)}, ${contentText(manifest)}`;
  return {
    short,
    isGood,
    lacksDrill: !isDrill && manifest.database !== null,
    summary: `${short}: ${verdict}`,
    step: { ...step(short, isGood ? "done" : "failed", `${about}: ${verdict}`), durationMs },
    findings: [
      ...objects.map((one) => damageFinding(one, { snapshot, short })),
      ...(drill === null ? [] : drillFindings(drill, snapshot, short)),
      ...appendedFindings(snapshot),
      ...accuracyFindings(snapshot, "warning"),
      ...verified.findings,
    ],
    checks: [
      {
        id: `${short}/snapshot.intact`,
        outcome: damages.length === 0 ? "pass" : "fail",
        measured: count(objects.length, "damaged object"),
        expected: count(0, "damaged object"),
        evidence: { digest: manifest.digest },
      },
      ...(drill === null ? [] : drillChecks(drill, short)),
    ],
  };
}

function verdictOf(verified: Verified, damaged: number, isDrill: boolean): string {
  const { drill, snapshot } = verified;
  if (damaged > 0) return count(damaged, "damaged object");
  if (!hasPassed(verified)) return "the drill did not rebuild this database";
  if (drill !== null) return "intact, and the drill rebuilt this database";
  return isDrill && snapshot.manifest.database === null
    ? "intact, and it has no database that a drill could rebuild"
    : "intact";
}

function nextOf(results: readonly Result[], bad: number): string[] {
  if (bad > 0) return [command("snapshot take"), command("snapshot list")];
  const [only] = results;
  return results.length === 1 && only !== undefined && only.lacksDrill
    ? [command("snapshot verify", only.short, "--drill")]
    : [];
}

/** The damages of one object, and what is lost with it. */
interface DamagedObject {
  readonly object: string;
  readonly message: string;
  readonly hint: string;
  readonly tables: readonly string[];
  readonly files: readonly string[];
}

function grouped(damages: readonly Damage[]): DamagedObject[] {
  const byObject = Map.groupBy(damages, ({ error }) => error.details.object);
  return [...byObject].map(([object, all]) => {
    const lost = (kind: "table" | "file"): string[] => [
      ...new Set(all.flatMap(({ loses }) => (loses?.kind === kind ? [loses.name] : []))),
    ];
    // The damage of a chunk names the place in the object.
    const { error } = all.find(({ loses }) => loses !== null) ?? all[0] ?? { error: null };
    const { message = "", hint = "" } = error ?? {};
    return { object, message, hint, tables: lost("table"), files: lost("file") };
  });
}

const STORED_AGAIN =
  "The next `snapshot take` stores again what it needs of this pack, but it does not repair this snapshot.";

interface Damaged {
  readonly snapshot: Snapshot;
  readonly short: string;
}

function damageFinding(
  { object, message, hint, tables, files }: DamagedObject,
  { snapshot: { id }, short }: Damaged,
): Finding {
  const lost = [
    ...(tables.length === 0 ? [] : [`rows of ${tables.join(", ")}`]),
    ...(files.length === 0 ? [] : [`the files ${files.join(", ")}`]),
  ];
  const loss =
    lost.length === 0
      ? `The snapshot ${short} does not need the damaged bytes.`
      : `With it, the snapshot ${short} has lost ${lost.join(" and ")}.`;
  return {
    rule: "snapshot-damaged",
    level: "error",
    message: `${message} ${loss}`,
    help: object.startsWith("packs/") ? `${hint} ${STORED_AGAIN}` : hint,
    data: { snapshot: id, object, tables: [...tables], files: [...files] },
  };
}
