/** @module Time limits, in seconds, that an environment variable can change. */
import type { Variables } from "../config/variables.ts";
import { OpsError } from "../report/error.ts";

/** From 1 to 3600. Without the variable, returns `standard`. @throws OpsError USAGE */
export function secondsOf(variables: Variables, name: string, standard: number): number {
  const text = variables[name];
  if (text === undefined || text === "") return standard;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 3600) return seconds;
  const message = `${name} is ${JSON.stringify(text)}, but it has to be a whole number of seconds from 1 to 3600.`;
  const hint = `Unset it for the default of ${standard}.`;
  throw new OpsError("USAGE", { argument: name }, { message, hint });
}
