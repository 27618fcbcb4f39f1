/** @module The plan of a restore into a remote database. */
import type { Manifest, SnapshotDatabase } from "./manifest.ts";
import { planRestore, type RestorePlan } from "./restore-plan.ts";
import { writableOf, type WritePlan } from "./write-plan.ts";

type Content = Pick<Manifest, "database" | "files">;

/**
 * As {@link planRestore}, but about what a remote restore can write: the rows of virtual tables and not their shadow tables. An index without
 * content has no rows to show, so its shadow tables are shown. `keeps`: the tables that the restore leaves as they are.
 */
export function planRemoteRestore(
  now: Content,
  then: Content,
  writes: WritePlan,
  keeps: ReadonlySet<string>,
): RestorePlan {
  const { rows, unwritable } = writes.virtual;
  const shadows = new Set(unwritable.flatMap((one) => one.shadows));
  const shadowsOf = ({ database }: Content): SnapshotDatabase["tables"] =>
    (database?.tables ?? []).filter(({ name }) => shadows.has(name));
  const before = [
    ...rows.flatMap(({ present }) => (present === null ? [] : [present])),
    ...shadowsOf(now),
  ];
  const after = [...rows.map(({ wanted }) => wanted), ...shadowsOf(then)];
  const plan = planRestore(
    { ...now, database: shown(now.database, before, keeps) },
    { ...then, database: shown(then.database, after, keeps) },
  );
  const { others } = writes;
  return { ...plan, database: plan.database && { ...plan.database, others } };
}

function shown(
  database: SnapshotDatabase | null,
  virtual: SnapshotDatabase["tables"],
  keeps: ReadonlySet<string>,
): SnapshotDatabase | null {
  if (database === null) return null;
  const { schema, tables } = writableOf(database, keeps);
  return { ...database, schema, tables: [...tables, ...virtual] };
}
