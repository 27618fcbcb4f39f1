import { inject } from "vitest";
import { realClock } from "../../src/failure/clock.ts";
import type { S3Home } from "../../src/s3/s3-home.ts";
import type { S3Settings } from "../../src/s3/s3-client.ts";
import { KEY, makeBucket } from "./swift.ts";

export const SETTINGS: S3Settings = { clock: realClock, timeoutMs: 45_000 };

/** The address of the storage, for tests that are skipped without one. */
export function endpoint(): string {
  return inject("swift")?.endpoint ?? "";
}

/** A home in a bucket of its own. */
export async function newHome(prefix = "shop/production"): Promise<S3Home> {
  return homeIn(await makeBucket(endpoint()), prefix);
}

export function homeIn(bucket: string, prefix = ""): S3Home {
  return {
    endpoint: endpoint(),
    region: "auto",
    bucket,
    prefix,
    credentials: { ...KEY, sessionToken: null },
  };
}
