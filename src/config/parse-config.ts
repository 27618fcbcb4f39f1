/** @module Parses a config file. d1ops loads a parser only for a file of its kind. */
import type * as Jsonc from "jsonc-parser";
import type { Node, ParseError } from "jsonc-parser";
import { foreignEncoding } from "../files/read-text.ts";
import { failedReadHint, reasonOf } from "../files/reason.ts";
import { readRegularFile } from "../files/regular.ts";
import { OpsError } from "../report/error.ts";
import { invalidConfig } from "./invalid-config.ts";
import { offer, shellPath } from "../report/command.ts";

/** A limit far above any config, which has a few thousand bytes. */
const MOST_BYTES = 10_000_000;

/** `.json` and `.jsonc` may both have comments and trailing commas. @throws OpsError CONFIG_UNREADABLE, CONFIG_INVALID */
export async function parseConfig(path: string): Promise<unknown> {
  if (path.endsWith(".toml")) return parseToml(readConfigText(path), path);
  if (path.endsWith(".json") || path.endsWith(".jsonc")) {
    return parseJson(readConfigText(path), path);
  }
  const problem =
    "its name does not end in .jsonc, .json or .toml, so wrangler treats it as empty.";
  const hint = "Rename it, for example to wrangler.jsonc.";
  throw invalidConfig(path, problem, hint);
}

/** Without a byte order mark. @throws OpsError CONFIG_UNREADABLE, CONFIG_INVALID for another encoding */
export function readConfigText(path: string): string {
  const bytes = readBytes(path);
  const encoding = foreignEncoding(bytes);
  if (encoding === null) return bytes.toString("utf8").replace(/^\uFEFF/, "");
  const hint = offer("Save it as UTF-8", `iconv -f ${encoding} -t UTF-8 ${shellPath(path)} > FILE`);
  throw invalidConfig(path, `it is encoded as ${encoding}.`, hint, { line: 1, column: 1 });
}

function readBytes(path: string): Buffer {
  try {
    return readRegularFile(path, MOST_BYTES);
  } catch (error) {
    const reason = reasonOf(error);
    const hint = failedReadHint(path, error);
    const message = `${path} cannot be read: ${reason}.`;
    throw new OpsError("CONFIG_UNREADABLE", { path, reason }, { message, hint }, { cause: error });
  }
}

/** Tries node's own parser first, because most files are plain JSON. Loading the JSONC parser takes ten times as long as reading the file. */
async function parseJson(text: string, path: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch {
    return parseJsonc(text, path);
  }
}

async function parseJsonc(text: string, path: string): Promise<unknown> {
  return readJsonc(text, path, ({ parse }, errors) => {
    const value: unknown = parse(text, errors, { allowTrailingComma: true });
    return value;
  });
}

/** The syntax tree, with the position of every key and value. @throws OpsError CONFIG_INVALID */
export async function parseTreeOf(text: string, path: string): Promise<Node> {
  const tree = await readJsonc(text, path, ({ parseTree }, errors) =>
    parseTree(text, errors, { allowTrailingComma: true }),
  );
  if (tree === undefined) throw syntaxError(path, "Value expected", position(text, text.length));
  return tree;
}

async function readJsonc<T>(
  text: string,
  path: string,
  read: (jsonc: Pick<typeof Jsonc, "parse" | "parseTree">, errors: ParseError[]) => T,
): Promise<T> {
  const jsonc = await import("jsonc-parser");
  const errors: ParseError[] = [];
  let result: T;
  try {
    result = read(jsonc, errors);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalidConfig(path, "it has too many levels of brackets.", "Remove some of them.");
  }
  const [first] = errors;
  if (first === undefined) return result;
  const what = jsonc
    .printParseErrorCode(first.error)
    .replace(/(?<=.)[A-Z]/g, (c) => ` ${c.toLowerCase()}`);
  throw syntaxError(path, what, position(text, first.offset));
}

async function parseToml(text: string, path: string): Promise<unknown> {
  const { parse, TomlError } = await import("smol-toml");
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [what = "not TOML"] = error.message.replace("Invalid TOML document: ", "").split("\n");
    throw syntaxError(path, what, { line: error.line, column: error.column });
  }
}

/** Line and column count from 1. */
export function position(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

function syntaxError(
  path: string,
  what: string,
  at: { line: number; column: number },
): OpsError<"CONFIG_INVALID"> {
  const hint = `Correct line ${at.line}, column ${at.column} of ${path}.`;
  return invalidConfig(path, `${what}.`, hint, at);
}
