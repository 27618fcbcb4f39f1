/** @module A store in an S3-compatible storage that has a name in the settings. */

/** What is missing comes from the variables. */
export interface NamedHome {
  readonly endpoint?: string;
  readonly bucket: string;
  /** Without slashes at its ends. */
  readonly prefix?: string;
  readonly region?: string;
}

/** Names of buckets and prefixes that need no escaping in a URL, so that every storage computes the same signature. */
export const BUCKET: RegExp = /^[\w-][\w.-]{1,61}[\w-]$/;
export const PREFIX: RegExp = /^(?:(?!\.\.?(?:\/|$))[\w.-]+(?:\/(?!\.\.?(?:\/|$))[\w.-]+)*)?$/;

/** An address without user name, query and fragment. */
export const ENDPOINT: RegExp = /^https?:\/\/[\w.:[\]-]+(?:\/[^\s?#]*)?$/;

/** A name of a home is no path of a folder. */
export const HOME_NAME: RegExp = /^[a-z\d]+(?:-[a-z\d]+)*$/;
