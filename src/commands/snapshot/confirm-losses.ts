/** @module Confirms a change that loses a part of the present, and again if more would be lost meanwhile. */
import type { Finding } from "../../report/report.ts";

export interface LossyChange<P> {
  readonly losses: (plan: P) => readonly Finding[];
  /** @throws OpsError NOT_CONFIRMED */
  readonly confirm: (plan: P) => Promise<void>;
  /** Plans again. */
  readonly plan: () => Promise<P>;
  /** The user named the database in advance, whatever it loses. */
  readonly isNamed: boolean;
}

/** A prompt may be open for hours. If more is lost then than it showed, the user has to confirm again. Returns the confirmed plan. */
export async function confirmLosses<P>(found: P, change: LossyChange<P>): Promise<P> {
  await change.confirm(found);
  const shown = JSON.stringify(change.losses(found));
  if (shown === "[]" || change.isNamed) return found;
  const later = await change.plan();
  return JSON.stringify(change.losses(later)) === shown ? later : confirmLosses(later, change);
}
