/** @module How far `snapshot copy` has come. */
import type { CopyPlan } from "../../snapshots/store/copy.ts";
import type { SnapshotCopyOptions } from "./copy-options.ts";

interface CopyProgress {
  begin(plans: readonly CopyPlan[]): void;
  add(bytes: number): void;
}

/** The bytes of the packs that are copied. */
export function copyProgress({
  onProgress,
}: Pick<SnapshotCopyOptions, "onProgress">): CopyProgress {
  let total = 0;
  let done = 0;
  const tell = (): void => onProgress?.(done, total, "copying", { unit: "bytes" });
  return {
    begin(plans) {
      total = plans.flatMap(({ packs }) => packs).reduce((sum, { bytes }) => sum + bytes, 0);
      if (total > 0) tell();
    },
    add(bytes) {
      done += bytes;
      tell();
    },
  };
}
