/** @module How `status` and `doctor` report the last proven snapshot of a database. */
import { command, offer } from "../../report/command.ts";
import type { Check, Json } from "../../report/report.ts";
import type { LastProven } from "../verify/last-proven.ts";
import { age, provenText, shortId } from "./snapshot-words.ts";

/** Days after which `doctor` warns: a project that takes a snapshot every week has a newer one. */
const OLD_DAYS = 7;

/** Continues the line of a database in `status`. */
export function lastProvenNote(found: LastProven, now: Date): string {
  switch (found.kind) {
    case "proven":
      return `last proven snapshot taken ${age(found.proof.takenAt, now)}`;
    case "none":
      return "no proven snapshot";
    case "locked":
      return `snapshots locked${lockedText(found.provenAt, now)}`;
    case "unreadable":
      return `snapshots not read: ${found.error.code}`;
  }
}

/** `lastProven` of `status`. Null: the project has no store. */
export function lastProvenData(found: LastProven): { readonly [key: string]: Json } {
  const { kind: state } = found;
  const none = { snapshot: null, takenAt: null, provenAt: null, how: null };
  switch (found.kind) {
    case "proven": {
      const { snapshot, takenAt, provenAt, how } = found.proof;
      return { state, snapshot, takenAt, provenAt, how };
    }
    case "locked":
      return { state, ...none, provenAt: found.provenAt };
    case "none":
    case "unreadable":
      return { state, ...none };
  }
}

/** The check of `doctor`. It never fails: the project works without snapshots. */
export function lastProvenCheck(found: LastProven, now: Date): Check {
  const { outcome, measured, help } = judged(found, now);
  return {
    id: "snapshots.proven",
    outcome,
    measured,
    expected: `a proven snapshot of the last ${OLD_DAYS} days`,
    evidence: { ...lastProvenData(found), ...(help !== null && { help }) },
  };
}

interface Judged extends Pick<Check, "outcome" | "measured"> {
  readonly help: string | null;
}

function judged(found: LastProven, now: Date): Judged {
  switch (found.kind) {
    case "proven": {
      const { proof } = found;
      const measured = `${shortId(proof.snapshot)}, taken ${age(proof.takenAt, now)}, ${provenText([proof], now)}`;
      return isOld(proof.takenAt, now)
        ? { outcome: "warn", measured, help: TAKE_AND_PROVE }
        : { outcome: "pass", measured, help: null };
    }
    case "none":
      return { outcome: "warn", measured: "none", help: TAKE_AND_PROVE };
    case "locked": {
      const measured = `locked${lockedText(found.provenAt, now)}`;
      return found.provenAt === null || isOld(found.provenAt, now)
        ? { outcome: "warn", measured, help: TAKE_AND_PROVE }
        : { outcome: "not-checked", measured, help: null };
    }
    case "unreadable":
      return { outcome: "not-checked", measured: found.error.message, help: found.error.hint };
  }
}

const TAKE_AND_PROVE = `${offer("Take one", command("snapshot take"))}\n${offer("Then prove that it can be restored", command("snapshot verify", "latest", "--drill"))}`;

/** Without the key, the time of a file is all that is known. */
function lockedText(provenAt: string | null, now: Date): string {
  return provenAt === null
    ? ", and none is proven"
    : `, the last proof written ${age(provenAt, now)}`;
}

function isOld(at: string, now: Date): boolean {
  return now.getTime() - Date.parse(at) > OLD_DAYS * 86_400_000;
}
