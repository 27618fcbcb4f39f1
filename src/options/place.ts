/** @module A place: what has rows or a schema, as a user names it. All verbs use the same words. */
import { OpsError } from "../report/error.ts";
import { nearest } from "../report/nearest.ts";

export type Place =
  | { readonly kind: "local" }
  | { readonly kind: "remote" }
  /** The remote database of this environment of the config. */
  | { readonly kind: "env"; readonly env: string }
  /** Relative to the folder in which the command was typed. */
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "schema"; readonly path: string }
  | { readonly kind: "migrations" }
  /** The beginning of an id, or `latest`. */
  | { readonly kind: "snapshot"; readonly id: string };

export type PlaceKind = Place["kind"];

export type PlaceOf<K extends PlaceKind> = Extract<Place, { readonly kind: K }>;

/** The places that are databases. */
export const DATABASE_PLACES = ["local", "remote", "env", "file"] as const;

export type DatabasePlace = PlaceOf<(typeof DATABASE_PLACES)[number]>;

/** How each kind is typed. What follows the colon is for the user to replace. */
const FORMS: Readonly<Record<PlaceKind, string>> = {
  local: "local",
  remote: "remote",
  env: "env:NAME",
  file: "file:PATH.sqlite",
  schema: "schema:PATH.sql",
  migrations: "migrations",
  snapshot: "snapshot:ID",
};

const ALL = Object.values(FORMS);
const PREFIXES = ALL.flatMap((form) => (form.includes(":") ? [form.split(":", 1).join()] : []));
const WORDS = ALL.filter((form) => !form.includes(":"));

/**
 * `argument`: how the message names it, such as `TO`. `kinds`: the kinds that the verb can use.
 * @throws OpsError USAGE with the nearest form
 */
export function parsePlace<const K extends PlaceKind>(
  text: string,
  argument: string,
  kinds: readonly K[],
): PlaceOf<K> {
  const place = placeOf(text);
  if (place !== null && isOneOf(place, kinds)) return place;
  const forms = kinds.map((kind) => FORMS[kind]).join(", ");
  const problem = place === null ? problemOf(text) : `cannot be ${text} here`;
  const guess = place === null ? guessOf(text, kinds) : null;
  const message = `${argument} ${problem}.`;
  const hint = `${guess === null ? "" : `Did you mean ${guess}?\n`}It has to be one of: ${forms}.`;
  throw new OpsError("USAGE", { argument }, { message, hint });
}

/** `flag`: the place of `--local` or `--remote`. @throws OpsError USAGE if it contradicts the place */
export function requireAgreement(flag: "local" | "remote" | undefined, place: Place): void {
  if (flag === undefined || flag === place.kind) return;
  const message = `--${flag} contradicts ${placeText(place)}.`;
  const hint = `Leave --${flag} out.`;
  throw new OpsError("USAGE", { argument: `--${flag}` }, { message, hint });
}

/** As the user types it. */
export function placeText(place: Place): string {
  switch (place.kind) {
    case "env":
      return `env:${place.env}`;
    case "file":
    case "schema":
      return `${place.kind}:${place.path}`;
    case "snapshot":
      return `snapshot:${place.id}`;
    case "local":
    case "remote":
    case "migrations":
      return place.kind;
  }
}

function isOneOf<K extends PlaceKind>(place: Place, kinds: readonly K[]): place is PlaceOf<K> {
  return kinds.some((kind) => kind === place.kind);
}

/** Null if the text is no place. */
function placeOf(text: string): Place | null {
  if (text === "local" || text === "remote" || text === "migrations") return { kind: text };
  const [prefix, rest] = parts(text);
  if (rest === "" || rest.includes("\0")) return null;
  if (prefix === "env") return { kind: prefix, env: rest };
  if (prefix === "file" || prefix === "schema") return { kind: prefix, path: rest };
  if (prefix === "snapshot") return { kind: prefix, id: rest };
  return null;
}

/** What is before the first colon, and after it. Without a colon, the second part is empty. */
function parts(text: string): [prefix: string, rest: string] {
  const colon = text.indexOf(":");
  return colon < 0 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
}

function problemOf(text: string): string {
  const [prefix] = parts(text);
  const form = PREFIXES.includes(prefix) ? ALL.find((one) => one.startsWith(`${prefix}:`)) : null;
  const missing = form?.split(":").at(-1)?.split(".").at(0);
  return missing === undefined
    ? `is ${JSON.stringify(text)}, which is not a place`
    : `is ${JSON.stringify(text)}, and ${missing} is missing`;
}

function guessOf(text: string, kinds: readonly PlaceKind[]): string | null {
  const [prefix, rest] = parts(text);
  if (PREFIXES.includes(prefix)) return null;
  const isPossible = (guess: string | null): guess is string => {
    const place = placeOf(guess ?? "");
    return place !== null && isOneOf(place, kinds);
  };
  const corrected = text.includes(":")
    ? `${nearest(prefix, PREFIXES) ?? ""}:${rest}`
    : nearest(text, WORDS);
  const guesses = [
    corrected,
    ...(/\.(?:sqlite3?|db)$/i.test(text) ? [`file:${text}`] : []),
    ...(/^(?:latest|[0-9a-f]{6,64})$/i.test(text) ? [`snapshot:${text}`] : []),
  ];
  return guesses.find(isPossible) ?? null;
}
