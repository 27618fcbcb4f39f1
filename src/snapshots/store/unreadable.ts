/** @module The errors of an object of the store that cannot be read. */
import { OpsError } from "../errors.ts";
import type { Store } from "./store.ts";

/** The problems of {@link damage} that several readers find. */
export const IS_MISSING = "is missing";
export const HAS_OTHER_BYTES = "has other bytes than d1ops wrote";

/** `object`: its folder and name. `problem` continues a sentence that begins with the object. */
export function damage(
  { location }: Pick<Store, "location">,
  object: string,
  problem: string,
): OpsError<"SNAPSHOT_DAMAGED"> {
  const message = `The store ${location} is damaged: ${object} ${problem}.`;
  const hint =
    "Copy this object from another copy of the store, or use a snapshot that does not need it.";
  return new OpsError("SNAPSHOT_DAMAGED", { store: location, object, problem }, { message, hint });
}

/** `found`: the value of `format` in the object. */
export function unknownFormat(
  { location }: Pick<Store, "location">,
  object: string,
  found: unknown,
): OpsError<"SNAPSHOT_FORMAT"> {
  const format = typeof found === "number" ? found : null;
  const message = `${object} of ${location} has the format ${format ?? "of another program"}, which this version of d1ops does not know.`;
  const hint = "Install a newer version of d1ops: npm install --save-dev d1ops@latest";
  return new OpsError("SNAPSHOT_FORMAT", { store: location, object, format }, { message, hint });
}
