/** @module Decides about colours and about marks beyond ASCII. chalk does not decide about colours, because its FORCE_COLOR overrides NO_COLOR. */
import { plain, type Paint } from "../report/text-style.ts";
import { widthOf } from "./streams.ts";

export const colorChoices = ["auto", "always", "never"] as const;

export type ColorChoice = (typeof colorChoices)[number];

export type Environment = Readonly<Record<string, string | undefined>>;

/** `--color` decides first, then NO_COLOR, FORCE_COLOR and TERM, then whether the stream is a terminal. */
export function wantsColor(
  choice: ColorChoice,
  env: Environment,
  stream: { readonly isTTY?: boolean },
): boolean {
  if (choice !== "auto") return choice === "always";
  if (isSet(env["NO_COLOR"])) return false;
  const forced = env["FORCE_COLOR"];
  if (isSet(forced)) return forced !== "0" && forced !== "false";
  return env["TERM"] !== "dumb" && stream.isTTY === true;
}

export interface Look {
  readonly paint: Paint;
  /** Columns. `Infinity` for a file, and for a stream that is not a terminal. */
  readonly width: number;
  /** False if only ASCII is shown. */
  readonly unicode: boolean;
}

/** How text looks on a stream. `stream` is null for a file. */
export async function lookOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number } | null,
  choice: ColorChoice,
  env: Environment,
): Promise<Look> {
  return {
    paint: await makePaint(stream !== null && wantsColor(choice, env, stream)),
    width: stream === null ? Infinity : widthOf(stream),
    unicode: supportsUnicode(env, process.platform),
  };
}

/** Loads chalk only for colours. */
export async function makePaint(colored: boolean): Promise<Paint> {
  if (!colored) return plain;
  const { Chalk } = await import("chalk");
  const chalk = new Chalk({ level: 1 });
  return {
    red: (text) => chalk.red(text),
    yellow: (text) => chalk.yellow(text),
    green: (text) => chalk.green(text),
    cyan: (text) => chalk.cyan(text),
    dim: (text) => chalk.dim(text),
    bold: (text) => chalk.bold(text),
  };
}

/** True if nothing is known: a container without LANG usually writes to a UTF-8 terminal. */
export function supportsUnicode(env: Environment, platform: NodeJS.Platform): boolean {
  if (env["TERM"] === "linux") return false;
  if (platform === "win32") return isModernWindowsTerminal(env);
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find(isSet);
  if (locale === undefined) return true;
  const [language, charset] = (locale.split("@")[0] ?? "").split(".");
  if (charset !== undefined) return /^utf-?8$/i.test(charset);
  return language !== "C" && language !== "POSIX";
}

function isModernWindowsTerminal(env: Environment): boolean {
  return (
    isSet(env["WT_SESSION"]) ||
    isSet(env["TERM"]) ||
    env["TERM_PROGRAM"] === "vscode" ||
    env["ConEmuTask"] === "{cmd::Cmder}" ||
    env["TERMINAL_EMULATOR"] === "JetBrains-JediTerm"
  );
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
