import type { Case } from "../case.ts";
import { atomicity } from "./atomicity.ts";
import { errors } from "./errors.ts";
import { foreignKeys } from "./foreign-keys.ts";
import { functions } from "./functions.ts";
import { limitedWrites } from "./limited-writes.ts";
import { limits } from "./limits.ts";
import { parameters } from "./parameters.ts";
import { pragmas } from "./pragmas.ts";
import { search } from "./search.ts";
import { statements } from "./statements.ts";
import { values } from "./values.ts";

/** All cases, by subject. */
export const groups: { readonly [about: string]: readonly Case[] } = {
  statements,
  functions,
  pragmas,
  values,
  parameters,
  atomicity,
  "foreign keys": foreignKeys,
  limits,
  "writes with a limit": limitedWrites,
  errors,
  search,
};
