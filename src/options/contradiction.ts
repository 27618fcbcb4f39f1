/** @module The error of two options that contradict each other. */
import { OpsError } from "../report/error.ts";

/** Both as the user typed them. `other` continues "contradicts": `the id 2f3a51c0`. */
export function contradiction(option: string, other: string): OpsError<"USAGE"> {
  const message = `${option} contradicts ${other}.`;
  const hint = "Leave one of them out.";
  return new OpsError("USAGE", { argument: option }, { message, hint });
}
