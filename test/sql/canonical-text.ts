import { canonicalStatement } from "../../src/sql/canonical.ts";
import { migrationPieces } from "../../src/sql/transaction.ts";

/** The canonical form of a file. */
export function canonical(sql: string): string {
  return [...migrationPieces(sql)].map((piece) => canonicalStatement(sql, piece)).join("");
}
