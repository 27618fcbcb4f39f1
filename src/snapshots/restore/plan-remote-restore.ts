/** @module The plan of a restore or a clone into a remote database. */
import type { Manifest, SnapshotDatabase } from "../store/manifest.ts";
import { refused } from "./refusal.ts";
import { findRefusals } from "./refusals.ts";
import { changesDatabase, planRestore, type RestorePlan } from "./restore-plan.ts";
import type { PlanRequest, Wanted } from "./wanted.ts";
import { planWrites, type Scope, writableOf } from "./write-plan.ts";

type Content = Pick<Manifest, "database" | "files">;

export interface RemotePlanRequest extends Pick<
  PlanRequest,
  "d1" | "codec" | "keeps" | "only" | "openMemory"
> {
  /** Called only if something differs. */
  readonly wanted: () => Promise<Wanted>;
  /** True if Time Travel can bring the wanted state back. Called only if D1 would refuse to write it. */
  readonly travels: () => Promise<boolean>;
  /** Which place accepts what D1 would refuse, for the hint. */
  readonly elsewhere: string;
}

/**
 * As {@link planRestore}, but about what d1ops can write to a remote database: the rows of virtual tables and not their shadow tables. An
 * index without content has no rows to show, so its shadow tables are shown.
 * @throws OpsError SNAPSHOT_INCOMPLETE if D1 would refuse to write it and Time Travel cannot bring it back, and those of the database, `wanted` and `travels`
 */
export async function planRemote(
  now: Content,
  then: Content,
  { wanted, travels, elsewhere, ...request }: RemotePlanRequest,
): Promise<RestorePlan> {
  const exact = planRestore(now, then);
  if (now.database === null || then.database === null || !changesDatabase(exact)) return exact;
  const planned: PlanRequest = {
    ...request,
    present: now.database,
    wanted: await wanted(),
    built: new Map(),
    unfit: new Set(),
  };
  const writes = await planWrites(planned);
  const refusals = await findRefusals(planned, writes);
  if (refusals.length > 0 && !(await travels())) {
    throw refused(refusals, planned.wanted.what, elsewhere);
  }
  const { rows, unwritable } = writes.virtual;
  const shadows = new Set(unwritable.flatMap((one) => one.shadows));
  const shadowsOf = ({ database }: Content): SnapshotDatabase["tables"] =>
    (database?.tables ?? []).filter(({ name }) => shadows.has(name));
  const before = [
    ...rows.flatMap(({ present }) => (present === null ? [] : [present])),
    ...shadowsOf(now),
  ];
  const after = [...rows.map((one) => one.wanted), ...shadowsOf(then)];
  const plan = planRestore(
    { ...now, database: shown(now.database, before, request) },
    { ...then, database: shown(then.database, after, request) },
  );
  const { others } = writes;
  return { ...plan, database: plan.database && { ...plan.database, others } };
}

function shown(
  database: SnapshotDatabase | null,
  virtual: SnapshotDatabase["tables"],
  scope: Scope,
): SnapshotDatabase | null {
  if (database === null) return null;
  const { schema, tables } = writableOf(database, scope);
  return { ...database, schema, tables: [...tables, ...virtual] };
}
