/** @module Finds files of a snapshot that probably contain secrets, by their names. A name proves nothing, so this only warns. */
import { offer, typedCommand } from "../../report/command.ts";
import type { Finding } from "../../report/report.ts";
import { count } from "../../report/wording.ts";
import { atMostTen } from "../report/snapshot-words.ts";

/** Variables with secrets, of wrangler and others. Not the examples of such a file, which projects commit. */
const VARIABLES =
  /^\.(?:env|dev\.vars)(?:\.(?!(?:example|sample|template|dist|defaults|schema)$).+)?$/i;

/** Keys of SSH, and files with passwords of other programs. */
const CREDENTIALS =
  /^(?:id_(?:rsa|dsa|ecdsa|ed25519)|\.(?:netrc|pgpass|git-credentials|htpasswd))$/i;

const KEY_ENDING = /\.(?:pem|key|p12|pfx|ppk|jks|keystore)$/i;

export function looksSecret(path: string): boolean {
  const name = nameOf(path);
  return VARIABLES.test(name) || CREDENTIALS.test(name) || KEY_ENDING.test(name);
}

/** The patterns that leave these files out: one for each name, or for each ending of keys. */
export function exclusionsOf(paths: readonly string[]): string[] {
  const patterns = paths.map((path) => {
    const [ending] = KEY_ENDING.exec(path) ?? [];
    // A question mark matches every character, also one that has a meaning in a pattern.
    return ending === undefined ? nameOf(path).replaceAll(/[^\w.-]/g, "?") : `*${ending}`;
  });
  return [...new Set(patterns)].map((pattern) => `!**/${pattern}`);
}

export interface StoredFiles {
  readonly files: readonly { readonly path: string }[];
  /** The patterns that chose them. */
  readonly globs: readonly string[];
  /** True if the setting has the patterns, and no flag. */
  readonly isSetting: boolean;
  /** Where the store is. */
  readonly place: string;
}

/** For a store that is not encrypted. */
export function secretFindings({ files, globs, isSetting, place }: StoredFiles): Finding[] {
  const secret = files.map(({ path }) => path).filter(looksSecret);
  if (secret.length === 0) return [];
  const exclusions = exclusionsOf(secret);
  const without = isSetting
    ? `To leave them out, add to snapshots.files of d1ops.jsonc: ${exclusions.map((one) => JSON.stringify(one)).join(", ")}`
    : offer(
        "To leave them out",
        typedCommand(...[...globs, ...exclusions].flatMap((glob) => ["--files", glob])),
      );
  const encrypted = offer(
    "To keep them, take the snapshot into a new store, which is encrypted",
    typedCommand("--store", "WHERE", "--passphrase"),
  );
  return [
    {
      rule: "secret-files",
      level: "warning",
      message: `${count(secret.length, "file")} of the snapshot ${secret.length === 1 ? "looks" : "look"} secret, and the store ${place} is not encrypted: ${atMostTen(secret)}.`,
      help: [without, encrypted].join("\n"),
      data: { files: secret },
    },
  ];
}

function nameOf(path: string): string {
  return path.replace(/^.*\//, "");
}
