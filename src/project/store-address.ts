/** @module What the text of `--store` means: a folder, a bucket, or the name of a home. The only module that decides this. */
import { join, resolve } from "node:path";
import { knownAccount } from "../cloudflare/account.ts";
import { sendableVariable } from "../cloudflare/credentials.ts";
import type { Variables } from "../config/variables.ts";
import { offer, typedCommand } from "../report/command.ts";
import { hasCode, OpsError } from "../report/error.ts";
import { nearest } from "../report/nearest.ts";
import { BUCKET, HOME_NAME, type NamedHome, PREFIX } from "../s3/named-home.ts";
import type { S3Credentials, S3Home } from "../s3/s3-home.ts";
import { DEFAULT_STORE } from "./default-store.ts";
import type { AnyProject } from "./project.ts";

export type StoreAddress =
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "s3"; readonly home: S3Home };

export interface StoreText {
  /** `s3://BUCKET/PREFIX`, the name of a home, or the path of a folder. Null: the folder `backups` beside the config. */
  readonly text: string | null;
  /** The folder that a path is relative to. */
  readonly cwd: string;
  /** By their names. */
  readonly homes: Readonly<Record<string, NamedHome>>;
  /** The flag that an error names. */
  readonly argument: "--store" | "--to";
}

type Resolved = Pick<AnyProject, "settings" | "variables">;

/** Reads no file and makes no request. @throws OpsError USAGE, CREDENTIALS_MISSING */
export function storeAddress(store: StoreText, project: Resolved): StoreAddress {
  try {
    return addressOf(store, project);
  } catch (error) {
    if (!hasCode(error, "USAGE")) throw error;
    const { argument } = store;
    const { message, hint } = error;
    throw new OpsError("USAGE", { argument }, { message, hint });
  }
}

function addressOf(
  { text, cwd, homes }: Omit<StoreText, "argument">,
  { settings, variables }: Resolved,
): StoreAddress {
  if (text === null) return { kind: "folder", path: join(settings.projectPath, DEFAULT_STORE) };
  const scheme = /^([a-z][\w+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  const home = Object.hasOwn(homes, text) ? homes[text] : undefined;
  if (scheme === undefined && home === undefined) {
    requireTwoSlashes(text);
    requireNoHome(text, Object.keys(homes));
    return { kind: "folder", path: resolve(cwd, text) };
  }
  if (scheme !== undefined && scheme !== "s3") {
    throw usage(
      `The store begins with ${scheme}://, which d1ops does not know.`,
      "Write s3://BUCKET or s3://BUCKET/PREFIX, also for R2. The address of the storage is the variable AWS_ENDPOINT_URL_S3.",
    );
  }
  const { bucket, prefix = "", endpoint, region } = home ?? bucketIn(text);
  const account = knownAccount(settings.accountId, variables)?.id ?? null;
  return {
    kind: "s3",
    home: {
      bucket: checked("bucket", bucket, BUCKET),
      prefix: checked("prefix", prefix.replaceAll(/^\/+|\/+$/g, ""), PREFIX),
      endpoint:
        endpoint === undefined ? endpointOf(variables, account) : urlOf("endpoint", endpoint),
      region:
        region ?? sendableVariable(variables, "AWS_REGION", "AWS_DEFAULT_REGION")?.value ?? "auto",
      credentials: credentialsOf(text, variables),
    },
  };
}

/** A mistyped name of a home would be a new folder. */
function requireNoHome(text: string, homes: readonly string[]): void {
  const guess = HOME_NAME.test(text) ? nearest(text, homes) : null;
  if (guess === null) return;
  throw usage(
    `There is no home ${text}.`,
    `Did you mean ${guess}? For the folder of this name, write ./${text}.`,
  );
}

/** A mistyped address would be a new folder, such as one with the name `s3:`. */
function requireTwoSlashes(text: string): void {
  const [, scheme = "", rest = ""] = /^(s3|r2|https?):\/?(.*)$/is.exec(text) ?? [];
  if (scheme === "") return;
  // The error does not repeat what may be a password.
  const isName = /^[\w./-]+$/.test(rest);
  const message = `The store begins with ${scheme}:, which is not the address of a bucket: d1ops does not find s3:// there.`;
  const folder = isName ? `./${text}` : `./${scheme}:`;
  const hint = `Write s3://${isName ? rest : "BUCKET/PREFIX"}. For a folder of this name, write ${folder}.`;
  throw usage(message, hint);
}

function bucketIn(text: string): NamedHome {
  const [, bucket = "", prefix = ""] = /^s3:\/\/([^/]*)(.*)$/is.exec(text) ?? [];
  return { bucket, prefix };
}

/** The error does not repeat a value that may contain a password, as in s3://KEY:SECRET@BUCKET. */
function checked(what: "bucket" | "prefix", value: string, allowed: RegExp): string {
  if (allowed.test(value)) return value;
  const message =
    value === ""
      ? `The store has no ${what}.`
      : `The ${what} of the store${/[:@]/.test(value) ? "" : `, ${JSON.stringify(value)},`} is not valid.`;
  throw usage(
    message,
    "Write s3://BUCKET or s3://BUCKET/PREFIX, with letters, digits, dots, hyphens and underscores. A bucket has 3 to 63 characters.",
  );
}

/** The variables are those of the AWS tools. R2 has an address for each account. */
function endpointOf(variables: Variables, account: string | null): string {
  const named = sendableVariable(variables, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
  if (named !== null) return urlOf(named.name, named.value);
  if (account !== null && /^[\da-f]{32}$/.test(account)) {
    return `https://${account}.r2.cloudflarestorage.com`;
  }
  throw usage(
    "d1ops does not know the address of the storage: neither AWS_ENDPOINT_URL_S3 nor CLOUDFLARE_ACCOUNT_ID is set.",
    "For R2, set CLOUDFLARE_ACCOUNT_ID to the account that has the bucket. For another storage, set AWS_ENDPOINT_URL_S3 to its address, such as https://s3.example.com.",
  );
}

/** The error does not repeat the value, because it may contain a password. */
function urlOf(name: string, value: string): string {
  const url = URL.parse(value);
  const { protocol = "", username = "", password = "", search = "", hash = "" } = url ?? {};
  if (/^https?:$/.test(protocol) && username + password + search + hash === "") {
    return value.replace(/\/+$/, "");
  }
  throw usage(
    `${name} is not an http or https address without user name and query.`,
    `Set ${name} to the address of the storage without the bucket, such as https://s3.example.com.`,
  );
}

function credentialsOf(text: string, variables: Variables): S3Credentials {
  const id = sendableVariable(variables, "AWS_ACCESS_KEY_ID");
  const secret = sendableVariable(variables, "AWS_SECRET_ACCESS_KEY");
  if (id !== null && secret !== null) {
    const sessionToken = sendableVariable(variables, "AWS_SESSION_TOKEN")?.value ?? null;
    return { accessKeyId: id.value, secretAccessKey: secret.value, sessionToken };
  }
  const missing = [
    ...(id === null ? ["AWS_ACCESS_KEY_ID"] : []),
    ...(secret === null ? ["AWS_SECRET_ACCESS_KEY"] : []),
  ];
  throw new OpsError(
    "CREDENTIALS_MISSING",
    { looked: missing },
    {
      message: `The store ${text} needs a key, and ${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not set.`,
      hint: `Set both in the environment or in .env. For R2, create a token with the permission Object Read & Write for the bucket (https://dash.cloudflare.com/?to=/:account/r2/api-tokens).\n${offer("Then", typedCommand())}`,
    },
  );
}

function usage(message: string, hint: string): OpsError {
  return new OpsError("USAGE", { argument: "--store" }, { message, hint });
}
