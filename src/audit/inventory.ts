/** @module An inventory: every object of a database, with figures that were measured. */
import type { Target } from "../report/report.ts";
import type { Estimate } from "./inventory-cost.ts";
import type { LastWrite } from "./last-write.ts";
import type { ObjectClass } from "./object-class.ts";

export interface InventoryObject {
  readonly name: string;
  readonly class: ObjectClass;
  /** Null for a view, which has no rows of its own, and for what D1 lets no one read. */
  readonly rows: number | null;
  readonly columns: number | null;
  /** In their order. Empty if they are unknown. */
  readonly columnNames: readonly string[];
  readonly indexes: number | null;
  /** With its indexes. Null if it is unknown. */
  readonly bytes: number | null;
  /** Null if no column shows it. */
  readonly lastWrite: LastWrite | null;
  /** The query that measured its rows. Null if none did. */
  readonly query: string | null;
  /** D1's message, if the object could not be read. */
  readonly error: string | null;
}

export interface Inventory {
  readonly target: Target;
  /** ISO 8601, UTC: when the queries were sent. */
  readonly measuredAt: string;
  /** In the order of their names. */
  readonly objects: readonly InventoryObject[];
  /** Of the pages in use, in bytes. */
  readonly bytes: number;
  /** True: the bytes of an object are its share of `bytes`, by a sample of its rows. D1 does not say more. */
  readonly areBytesEstimated: boolean;
  /** The lines of `PRAGMA quick_check`: `ok`, or what is damaged. Null if it did not run. */
  readonly quickCheck: readonly string[] | null;
  readonly requests: number;
  /** As D1 bills them. Null for a local database, where they cost nothing. */
  readonly rowsRead: number | null;
  /** Why the rows were not counted: what that would have cost. Null if they were. */
  readonly uncounted: Estimate | null;
}

export function countsByClass(objects: readonly InventoryObject[]): Map<ObjectClass, number> {
  const groups = Map.groupBy(objects, (one) => one.class);
  return new Map([...groups].map(([name, members]) => [name, members.length]));
}
