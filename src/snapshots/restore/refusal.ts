/** @module Something that D1 would refuse, and the error that says so before anything is written. */
import { count } from "../../report/wording.ts";
import { OpsError } from "../errors.ts";
import { atMostTen } from "../report/snapshot-words.ts";
import type { VirtualTable } from "../rows/virtual-tables.ts";
import type { Wanted } from "./wanted.ts";

export interface Refusal {
  /**
   * `row`: it is too large. `schema`: D1 does not accept a definition. `present`: D1 does not drop what the database has now. `index`: no
   * statement writes the data of this table.
   */
  readonly kind: "row" | "schema" | "present" | "index";
  /** The name of the table, or of the object of the schema. Null if it is part of the present. */
  readonly table: string | null;
  /** `the row with id 17 of docs` */
  readonly what: string;
  /** The end of a sentence. */
  readonly reason: string;
}

export function unwritableIndex({ name }: VirtualTable): Refusal {
  const reason = "it is an index without content, and D1 does not let anyone write its data";
  return { kind: "index", table: name, what: `the FTS5 table ${name}`, reason };
}

/** `refusals`: at least one. `wanted`: what cannot be written. `elsewhere`: which place accepts it, for the hint. */
export function refused(
  refusals: readonly Refusal[],
  wanted: Wanted["what"],
  elsewhere?: string,
): OpsError<"SNAPSHOT_INCOMPLETE"> {
  const texts = refusals.map(({ what, reason }) => `${what}: ${reason}`);
  const [first] = refusals;
  const kinds = new Set(refusals.map(({ kind }) => kind));
  return new OpsError(
    "SNAPSHOT_INCOMPLETE",
    { table: first?.table ?? null, reason: texts[0] ?? "" },
    {
      message: `D1 does not accept ${count(refusals.length, "part")} of the ${wanted}, so d1ops wrote nothing: ${atMostTen(texts)}.`,
      hint: [...[...kinds].map((kind) => HINTS[wanted][kind]), elsewhere ?? []].flat().join("\n"),
    },
  );
}

const HINTS: Readonly<Record<Wanted["what"], Readonly<Record<Refusal["kind"], string>>>> = {
  snapshot: {
    row: "Make the values of the row smaller in the database that the snapshot is of, and take another snapshot.",
    schema:
      "Change the definition in the database that the snapshot is of, for example with a migration, and take another snapshot.",
    present:
      "D1 cannot drop this from the database that you restore. Mend its foreign keys, or drop it, with a migration.",
    index:
      "If a moment of the last 30 days is enough, restore it with Time Travel. Else drop the index from both databases.",
  },
  clone: {
    row: 'Make the values of the row smaller in FROM, or set its table to "empty" in the mask file.',
    schema: "Change the definition in FROM, for example with a migration.",
    present: "D1 cannot drop this from TO. Mend its foreign keys, or drop it, with a migration.",
    index: "Drop the index in FROM and in TO, and create it again after the clone.",
  },
};
