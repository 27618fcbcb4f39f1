/** @module Reads a page of ListObjectsV2. Pure. */
import { elementOf, S3Failure } from "./s3-failure.ts";

export interface S3Page {
  readonly objects: readonly S3Object[];
  /** How to request the next page. Null: this is the last one. */
  readonly next: string | null;
}

export interface S3Object {
  readonly key: string;
  readonly bytes: number;
  /** ISO 8601, UTC. */
  readonly writtenAt: string;
}

/** @throws S3Failure for an answer that is not a page: a proxy may answer with its own and a success status */
export function pageOf(xml: string): S3Page {
  if (!/<ListBucketResult[\s>]/.test(xml)) throw notAPage("is not a list of objects");
  const objects = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, one = ""]) =>
    objectIn(one),
  );
  if (elementOf(xml, "IsTruncated") !== "true") return { objects, next: null };
  const next = elementOf(xml, "NextContinuationToken");
  // Without the rest, a prune would take packs that a snapshot needs for unneeded ones.
  if (next === null) throw notAPage("says that there is more, and not how to request it");
  return { objects, next };
}

function objectIn(xml: string): S3Object {
  const key = elementOf(xml, "Key");
  const bytes = Number(elementOf(xml, "Size") ?? Number.NaN);
  const written = Date.parse(elementOf(xml, "LastModified") ?? "");
  if (key === null || !Number.isSafeInteger(bytes) || Number.isNaN(written)) {
    throw notAPage("has an object without key, size or date");
  }
  return { key, bytes, writtenAt: new Date(written).toISOString() };
}

function notAPage(problem: string): S3Failure {
  return new S3Failure(`The answer ${problem}.`, { isPassing: true });
}
