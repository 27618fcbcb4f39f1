/** @module The environment variables that override settings: `D1OPS_SNAPSHOTS_STORE` is `snapshots.store`. */
import type { AnyKind } from "../options/kinds.ts";
import { problemsOf } from "../options/problems.ts";
import { OpsError } from "../report/error.ts";
import { nearest } from "../report/nearest.ts";
import type { Variables } from "./variables.ts";

const PREFIX = "D1OPS_";

export function variableOf(setting: string): string {
  return PREFIX + setting.toUpperCase().replaceAll(".", "_");
}

interface VariableProblem {
  readonly name: string;
  readonly message: string;
  readonly hint: string;
}

/**
 * The value of each setting that a variable overrides. A setting with names of the user's choice has no variable. An empty variable does not count. `others`: the variables of d1ops that are no
 * settings.
 * @throws OpsError USAGE with all problems
 */
export function readSettingVariables(
  kinds: ReadonlyMap<string, AnyKind>,
  others: readonly string[],
  variables: Variables,
): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  const single = [...kinds].filter(([, { schema }]) => schema["type"] !== "object");
  const known = [...single.map(([setting]) => variableOf(setting)), ...others];
  const problems = mistyped(known, variables);
  for (const [setting, kind] of single) {
    const name = variableOf(setting);
    const text = variables[name] ?? "";
    if (text === "") continue;
    const value = valueOf(text, kind);
    values.set(setting, value);
    problems.push(...problemsOfVariable(name, value, kind));
  }
  const [first] = problems;
  if (first === undefined) return values;
  throw new OpsError(
    "USAGE",
    { argument: first.name },
    {
      message: problems.map(({ message }) => message).join("\n"),
      hint: problems.map(({ hint }) => hint).join("\n"),
    },
  );
}

/** A list is separated by commas. */
function valueOf(text: string, { items, schema }: AnyKind): unknown {
  if (items !== null) return text.split(",").map((item) => valueOf(item.trim(), items));
  return schema["type"] === "integer" && /^\d+$/.test(text) ? Number(text) : text;
}

function problemsOfVariable(name: string, value: unknown, kind: AnyKind): VariableProblem[] {
  return problemsOf(value, kind, "setting").map(({ path: [item], problem }) => ({
    name,
    message: `${name}${item === undefined ? "" : `, item ${Number(item) + 1},`} ${problem}.`,
    hint: `Correct ${name}, or unset it.`,
  }));
}

/** Variables that were probably meant for d1ops. Any other one may belong to a script of the user. */
function mistyped(known: readonly string[], variables: Variables): VariableProblem[] {
  return Object.keys(variables)
    .filter(
      (name) => name.startsWith(PREFIX) && !known.includes(name) && (variables[name] ?? "") !== "",
    )
    .flatMap((name) => {
      const meant = meantBy(name, known);
      if (meant === null) return [];
      const message = `d1ops has no variable ${name}.`;
      return [{ name, message, hint: `Did you mean ${meant}? Else unset it.` }];
    });
}

/** The prefix is the same for all, so it must not count as a likeness. A name may lack some words: `D1OPS_STORE`. */
function meantBy(name: string, known: readonly string[]): string | null {
  const rest = name.slice(PREFIX.length);
  const rests = known.map((one) => one.slice(PREFIX.length));
  const meant = rests.find((one) => hasWords(one.split("_"), rest.split("_")));
  const guess = meant ?? nearest(rest, rests);
  return guess === null ? null : PREFIX + guess;
}

/** True if `all` has words like these, in this order. */
function hasWords(all: readonly string[], [word, ...others]: readonly string[]): boolean {
  if (word === undefined) return true;
  const at = all.findIndex((one) => nearest(word, [one]) !== null);
  return at >= 0 && hasWords(all.slice(at + 1), others);
}
