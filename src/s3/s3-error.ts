/** @module Turns a failed request to the storage into an `OpsError` with a hint. Pure. */
import { OpsError } from "../report/error.ts";
import type { S3Failure } from "./s3-failure.ts";
import { type S3Home, s3Location } from "./s3-home.ts";

interface Failed {
  readonly home: S3Home;
  /** Completes "d1ops could not …". */
  readonly what: string;
}

/** The message has neither the secret key nor the session token. */
export function storeError(failure: S3Failure, { home, what }: Failed): OpsError {
  const { status, code, isPassing } = failure;
  const { endpoint } = home;
  const store = s3Location(home);
  const reason = failure.message.replace(/\.$/, "");
  const message = `d1ops could not ${what} in the store ${store} at ${endpoint}: ${reason}.`;
  if (status === null || isPassing) {
    const hint =
      "Check the network, the proxy (HTTPS_PROXY) and the endpoint. Then run the same command again: what is stored already stays.";
    return new OpsError(
      "STORE_UNREACHABLE",
      { store, endpoint, reason },
      { message, hint },
      { cause: failure },
    );
  }
  const hint = hintFor(failure, home);
  return new OpsError(
    "STORE_REFUSED",
    { store, endpoint, status, code },
    { message, hint },
    { cause: failure },
  );
}

function hintFor({ status, code }: S3Failure, { bucket, region, endpoint }: S3Home): string {
  if (code === "NoSuchBucket") {
    return isR2(endpoint)
      ? `Create the bucket, or correct its name in --store. At R2:\nnpx wrangler r2 bucket create ${bucket}`
      : `Create the bucket ${bucket}, or correct its name in --store.`;
  }
  if (code === "RequestTimeTooSkewed") return "Set the clock of this computer.";
  if (code === "SignatureDoesNotMatch") {
    return "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID. Set both again, from the same key of the storage.";
  }
  if (code === "InvalidAccessKeyId" || status === 401) {
    return `The storage at ${endpoint} does not know the key AWS_ACCESS_KEY_ID. Set it and AWS_SECRET_ACCESS_KEY, or AWS_ENDPOINT_URL_S3 if this is another storage.`;
  }
  if (status === 403) {
    return `The key AWS_ACCESS_KEY_ID needs the permission to read, write and list the objects of the bucket ${bucket}.`;
  }
  if (status !== null && status >= 300 && status < 400) {
    return `The bucket may be in another region than ${region}. Set AWS_REGION and AWS_ENDPOINT_URL_S3 to those of the bucket.`;
  }
  return `Check that AWS_ENDPOINT_URL_S3 is the address of an S3-compatible storage, and AWS_REGION its region (now ${region}).`;
}

function isR2(endpoint: string): boolean {
  return endpoint.endsWith(".r2.cloudflarestorage.com");
}
