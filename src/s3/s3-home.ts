/** @module Where a store in an S3-compatible storage is, and with which key d1ops reads and writes it. */

export interface S3Home {
  /** `https://ACCOUNT.r2.cloudflarestorage.com`, without a slash at its end. */
  readonly endpoint: string;
  /** `auto` for R2. */
  readonly region: string;
  readonly bucket: string;
  /** The beginning of every key, without slashes at its ends: `shop/production`. Empty: the store is the whole bucket. */
  readonly prefix: string;
  readonly credentials: S3Credentials;
}

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Only for temporary credentials. */
  readonly sessionToken: string | null;
}

/** How messages name the store. */
export function s3Location({ bucket, prefix }: Pick<S3Home, "bucket" | "prefix">): string {
  return `s3://${[bucket, prefix].filter(Boolean).join("/")}`;
}
