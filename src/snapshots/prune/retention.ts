/**
 * Which snapshots a policy keeps. The rules are those of `restic forget`: every rule counts only hours, days, weeks, months and years that
 * have a snapshot, and keeps the last snapshot of each. All of them are in UTC, and a week begins on Monday.
 * @module
 */
import { before, type CalendarDuration, calendarDurationText } from "./calendar-duration.ts";

export interface Policy {
  /** How many to keep. 0: this rule keeps none. */
  readonly counts: Readonly<Record<Period, number>>;
  /** Keeps the snapshots of this time before the newest one. */
  readonly within: CalendarDuration | null;
  /** Keeps the snapshots that have one of these labels. */
  readonly labels: readonly string[];
}

export type Period = "last" | "hourly" | "daily" | "weekly" | "monthly" | "yearly";

export const PERIODS: readonly Period[] = [
  "last",
  "hourly",
  "daily",
  "weekly",
  "monthly",
  "yearly",
];

/** What a policy looks at. */
export interface Dated {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly takenAt: string;
  readonly label: string | null;
}

export interface Verdict<S> {
  readonly snapshot: S;
  /** Why it is kept: `daily snapshot`. Empty: the policy removes it. */
  readonly reasons: readonly string[];
}

/** True if the policy has no rule. */
export function isEmpty({ counts, within, labels }: Policy): boolean {
  return PERIODS.every((period) => counts[period] === 0) && within === null && labels.length === 0;
}

/** Applies the policy to the snapshots of one database. Returns all of them, newest first. A snapshot of the future is not the newest one. */
export function applyPolicy<S extends Dated>(
  snapshots: readonly S[],
  policy: Policy,
  now: Date,
): Verdict<S>[] {
  const sorted = snapshots.toSorted(newestFirst);
  const newest = sorted.find(({ takenAt }) => Date.parse(takenAt) < now.getTime());
  const rules = [
    labelRule(policy.labels),
    withinRule(policy.within, newest === undefined ? null : new Date(newest.takenAt)),
    ...PERIODS.map((period) => periodRule(period, policy.counts[period], sorted.length)),
  ];
  return sorted.map((snapshot, index) => ({
    snapshot,
    reasons: rules.flatMap((rule) => rule(snapshot, index)),
  }));
}

function newestFirst(a: Dated, b: Dated): number {
  return order(a) < order(b) ? 1 : -1;
}

function order({ takenAt, id }: Dated): string {
  return `${takenAt} ${id}`;
}

/** Called with each snapshot, newest first. Returns its reasons to keep it. */
type Rule = (snapshot: Dated, index: number) => readonly string[];

function labelRule(labels: readonly string[]): Rule {
  return ({ label }) =>
    label !== null && labels.includes(label) ? [`has the label ${JSON.stringify(label)}`] : [];
}

function withinRule(within: CalendarDuration | null, newest: Date | null): Rule {
  if (within === null) return () => [];
  const reason = `within ${calendarDurationText(within)}`;
  const start = newest === null ? -Infinity : before(newest, within).getTime();
  return ({ takenAt }) => (Date.parse(takenAt) > start ? [reason] : []);
}

/** A rule that has not kept all of its number keeps the oldest snapshot as well: so the history is as long as it can be. */
function periodRule(period: Period, wanted: number, snapshots: number): Rule {
  let left = wanted;
  let kept: string | null = null;
  return ({ takenAt }, index) => {
    if (left === 0) return [];
    const name = nameOf(period, takenAt, index);
    const isNew = name !== kept;
    if (!isNew && index < snapshots - 1) return [];
    kept = name;
    left -= 1;
    return [`${isNew ? "" : "oldest "}${period} snapshot`];
  };
}

/** The hour, day, week, month or year of a time. */
function nameOf(period: Period, takenAt: string, index: number): string {
  const at = new Date(takenAt);
  const iso = at.toISOString();
  switch (period) {
    case "last":
      return String(index);
    case "hourly":
      return iso.slice(0, 13);
    case "daily":
      return iso.slice(0, 10);
    case "weekly": {
      const sinceMonday = (at.getUTCDay() + 6) % 7;
      return new Date(at.getTime() - sinceMonday * 86_400_000).toISOString().slice(0, 10);
    }
    case "monthly":
      return iso.slice(0, 7);
    case "yearly":
      return iso.slice(0, 4);
  }
}
