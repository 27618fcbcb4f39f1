/** @module The plan of a restore or a clone into a remote database. */
import type { Manifest, SnapshotDatabase } from "./manifest.ts";
import { notWritable } from "./plan-virtual.ts";
import { changesDatabase, planRestore, type RestorePlan } from "./restore-plan.ts";
import type { PlanRequest, Wanted } from "./wanted.ts";
import { planWrites, writableOf } from "./write-plan.ts";

type Content = Pick<Manifest, "database" | "files">;

export interface RemotePlanRequest extends Pick<PlanRequest, "d1" | "codec" | "keeps"> {
  /** Called only if something differs. */
  readonly wanted: () => Promise<Wanted>;
  /** True if Time Travel can bring the wanted state back. Called only if an index without content differs: no statement can write it. */
  readonly travels: () => Promise<boolean>;
}

/**
 * As {@link planRestore}, but about what d1ops can write to a remote database: the rows of virtual tables and not their shadow tables. An
 * index without content has no rows to show, so its shadow tables are shown.
 * @throws OpsError SNAPSHOT_INCOMPLETE if such an index differs and Time Travel cannot bring it back, and those of the database, `wanted` and `travels`
 */
export async function planRemote(
  now: Content,
  then: Content,
  { wanted, travels, ...request }: RemotePlanRequest,
): Promise<RestorePlan> {
  const exact = planRestore(now, then);
  if (now.database === null || then.database === null || !changesDatabase(exact)) return exact;
  const { keeps } = request;
  const writes = await planWrites({
    ...request,
    present: now.database,
    wanted: await wanted(),
    built: new Map(),
  });
  const { rows, unwritable } = writes.virtual;
  const [first] = unwritable;
  if (first !== undefined && !(await travels())) throw notWritable(first);
  const shadows = new Set(unwritable.flatMap((one) => one.shadows));
  const shadowsOf = ({ database }: Content): SnapshotDatabase["tables"] =>
    (database?.tables ?? []).filter(({ name }) => shadows.has(name));
  const before = [
    ...rows.flatMap(({ present }) => (present === null ? [] : [present])),
    ...shadowsOf(now),
  ];
  const after = [...rows.map((one) => one.wanted), ...shadowsOf(then)];
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
