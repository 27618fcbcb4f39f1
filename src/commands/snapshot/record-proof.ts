/** @module Records in the store that a verification has proven a snapshot, or that it has not. */
import { toolName } from "../../project/envelope.ts";
import type { AnyProject } from "../../project/project.ts";
import { hasCode, OpsError } from "../../report/error.ts";
import type { Finding } from "../../report/report.ts";
import { errorFinding } from "../../report/report-body.ts";
import { type Proof, proofOf, readProofs, writeProof } from "../../snapshots/verify/proof.ts";
import { hasPassed, type Verification } from "../../snapshots/report/snapshot-verify-report.ts";
import { shortId } from "../../snapshots/report/snapshot-words.ts";
import type { OpenStore } from "./unlock-store.ts";

export interface Recorded {
  readonly proof: Proof | null;
  readonly findings: readonly Finding[];
}

/**
 * A verification that fails withdraws the proofs of the snapshot. A store that cannot be written is a warning: it changes nothing about the
 * snapshot. A snapshot that is not consistent is intact, but no operator wants to rely on it, so it gets no proof.
 */
export async function recordProof(
  { date }: AnyProject,
  { store, codec }: OpenStore,
  verification: Verification,
): Promise<Recorded> {
  const { snapshot, drill } = verification;
  const { id, manifest } = snapshot;
  try {
    if (!hasPassed(verification)) {
      const { proofs } = await readProofs(store, codec);
      const own = proofs.filter((one) => one.snapshot === id);
      for (const { object } of own) await store.remove("proofs", object.name);
      return { proof: null, findings: [] };
    }
    if (manifest.database?.consistent === false) return { proof: null, findings: [] };
    const how = drill === null ? "verify" : "drill";
    const proof = proofOf(snapshot, { tool: toolName(), how, provenAt: date().toISOString() });
    await writeProof(store, codec, proof);
    return { proof, findings: [] };
  } catch (error) {
    if (!(error instanceof OpsError) || hasCode(error, "INTERRUPTED")) throw error;
    return { proof: null, findings: [unrecorded(error, id)] };
  }
}

function unrecorded(error: OpsError, id: string): Finding {
  return errorFinding(error, "warning", {
    rule: "proof-unwritten",
    message: `The result for ${shortId(id)} was not recorded, so \`snapshot list\`, \`status\` and \`doctor\` do not know it: ${error.message}`,
    data: { snapshot: id, code: error.code },
  });
}
