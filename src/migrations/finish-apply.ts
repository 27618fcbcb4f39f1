/** @module Runs a plan to its end: applies the migrations, closes the run, verifies the schema, records the acceptances that are left. */
import type { Database } from "../database/port.ts";
import { OpsError } from "../report/error.ts";
import { errorFinding } from "../report/report-body.ts";
import type { Check, Finding } from "../report/report.ts";
import { type Acceptance, recordAcceptances } from "./acceptance.ts";
import { applyMigrations } from "./apply.ts";
import { closeRun, type CloseRequest } from "./close.ts";
import type { Applied } from "./ledger.ts";
import { locateFailures } from "./locate.ts";
import {
  acceptancesLeft,
  appliedNames,
  type ApplyRequest,
  type ApplyResult,
  endingOf,
  startupError,
  wasStarted,
} from "./migration-run.ts";
import type { VerifyRequest } from "./verify.ts";
import { NOT_CHECKED, verification } from "./verify-report.ts";

export interface FinishRequest extends ApplyRequest, Pick<VerifyRequest, "openMemory"> {
  readonly accepts: readonly Acceptance[];
  /** See {@link CloseRequest}. */
  readonly sleepToTheEnd: CloseRequest["sleep"];
  /** See the database port. */
  readonly wroteAll: Database["wroteAll"];
}

export interface FinalCheck {
  readonly applied: readonly Applied[];
  readonly findings: readonly Finding[];
  readonly checks: readonly Check[];
}

export interface FinishedApply {
  readonly result: ApplyResult;
  /** Null if the plan was stopped: such a run has written nothing. */
  readonly final: FinalCheck | null;
  /** The acceptances that were recorded without a migration. */
  readonly left: readonly Acceptance[];
  /** Names of the migrations that this run applied. */
  readonly ran: readonly string[];
}

/** @throws OpsError if the run could not start; nothing was changed then */
export async function applyToTheEnd(request: FinishRequest): Promise<FinishedApply> {
  const result = await locateFailures(await applyMigrations(request), request);
  const ran = appliedNames(result);
  const final = wasStarted(result) ? await closeAndVerify(request, result) : null;
  const failure = startupError(result);
  if (failure !== null) throw failure;
  const left = acceptancesLeft(result, request.accepts);
  if (left.length > 0) await recordAcceptances(left, request);
  return { result, final, left, ran };
}

/** Ends the run and verifies the schema. If that fails, it is a warning: the applied migrations stay applied. */
async function closeAndVerify(request: FinishRequest, result: ApplyResult): Promise<FinalCheck> {
  try {
    const ending = endingOf(result);
    const state = await closeRun({ ...request, ending, sleep: request.sleepToTheEnd });
    const ranFromNothing = request.wroteAll?.() === true ? appliedNames(result) : undefined;
    const verify = { ...request, ...state, ranFromNothing };
    const { check, findings } = await verification(verify, "warning");
    return { applied: state.applied, findings, checks: [check] };
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    const message = `Not verified: ${error.message}`;
    const finding = errorFinding(error, "warning", { message });
    return { applied: [], findings: [finding], checks: [NOT_CHECKED] };
  }
}
