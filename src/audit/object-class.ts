/** @module The class of a table or view: whose it is. */
import type { ListRow } from "../schema/rows.ts";

/**
 * - `application`: a table of the project, also a virtual one.
 * - `ledger`: records migrations or runs, of d1ops or of another tool.
 * - `platform`: Cloudflare's. D1 lets no one read it.
 * - `sqlite`: SQLite's own, such as `sqlite_sequence`.
 * - `shadow`: stores the content of a virtual table.
 */
export const objectClasses = [
  "application",
  "ledger",
  "platform",
  "sqlite",
  "shadow",
  "view",
] as const;
export type ObjectClass = (typeof objectClasses)[number];

/** Tables and views of the project. Ledgers grow, and the tables of SQLite and Cloudflare change by themselves. */
export function isOfProject(one: { readonly class: ObjectClass }): boolean {
  return one.class === "application" || one.class === "view";
}

/** The ledgers of other tools: wrangler, Drizzle, Prisma, alchemy and Kysely. */
const LEDGERS: ReadonlySet<string> = new Set([
  "d1_migrations",
  "__drizzle_migrations",
  "_prisma_migrations",
  "__alchemy_migrations",
  "kysely_migration",
  "kysely_migration_lock",
]);

/** `ledger`: the name of wrangler's ledger in this project. SQLite ignores the case of names. */
export function classOf(
  { name, type }: Pick<ListRow, "name" | "type">,
  ledger: string,
): ObjectClass {
  const folded = name.toLowerCase();
  if (folded.startsWith("_cf_")) return "platform";
  if (folded.startsWith("sqlite_")) return "sqlite";
  if (type === "view" || type === "shadow") return type;
  const isLedger =
    folded.startsWith("d1ops_") || folded === ledger.toLowerCase() || LEDGERS.has(folded);
  return isLedger ? "ledger" : "application";
}
