/**
 * Limits in seconds that an environment variable may change.
 * @module
 */
import { OpsError } from "../report/error.ts";

/** 1 to 3600; `usual` where the variable is not set. @throws OpsError USAGE */
export function secondsOf(
  variables: Readonly<Record<string, string | undefined>>,
  name: string,
  usual: number,
): number {
  const text = variables[name];
  if (text === undefined || text === "") return usual;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 3600) return seconds;
  throw new OpsError(
    "USAGE",
    { argument: name },
    {
      message: `${name} is ${JSON.stringify(text)}: it has to be a whole number of seconds, 1 to 3600.`,
      hint: `Unset it for the default of ${usual}.`,
    },
  );
}
