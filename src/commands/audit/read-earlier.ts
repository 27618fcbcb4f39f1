/** @module Reads the earlier inventory of `audit tables --against`. */
import { resolve } from "node:path";
import { type EarlierInventory, parseInventory } from "../../audit/earlier-inventory.ts";
import { unreadable } from "../../files/reason.ts";
import { readRegularText } from "../../files/regular.ts";
import type { AnyProject } from "../../project/project.ts";
import { command, offer } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";

/** @throws OpsError INPUT_UNREADABLE */
export function readEarlier({ cwd }: Pick<AnyProject, "cwd">, against: string): EarlierInventory {
  const path = resolve(cwd, against);
  let text: string;
  try {
    text = readRegularText(path, MOST_BYTES);
  } catch (error) {
    throw unreadable(path, error);
  }
  const earlier = parseInventory(text);
  if (earlier !== null) return earlier;
  const reason = "it is not a report of `audit tables` as JSON";
  const message = `${path} is no earlier inventory: ${reason}.`;
  const hint = offer("To write one", command("audit tables", "--format", `json=${against}`));
  throw new OpsError("INPUT_UNREADABLE", { path, reason }, { message, hint });
}

/** An inventory of a thousand tables has less than 1 MB. */
const MOST_BYTES = 50_000_000;
