/** @module `audit tables [PLACE]`: every table and view of a database, with its class and its figures. Only reads. */
import { changeFindings, expectedFindings } from "../../audit/compare-inventories.ts";
import { growthCheck, quickCheck, sizeCheck } from "../../audit/database-checks.ts";
import { costCheck, DEFAULT_ROWS_READ } from "../../audit/inventory-cost.ts";
import { readInventory } from "../../audit/read-inventory.ts";
import { tablesReport } from "../../audit/tables-report.ts";
import { tableBytes } from "../../database/table-bytes.ts";
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import { DATABASE_PLACES, parsePlace, requireAgreement } from "../../options/place.ts";
import { interruptibleDatabase } from "../../project/interruptible.ts";
import { localPath, openDatabase } from "../../project/open-database.ts";
import { projectAt } from "../../project/project-at.ts";
import { PROJECT, type ProjectOptions } from "../../project/project-options.ts";
import { type Project, type ProjectBody, withProject } from "../../project/project.ts";
import type { Report } from "../../report/report.ts";
import { requireDatabase } from "../snapshot/sources.ts";
import { readEarlier } from "./read-earlier.ts";

export interface AuditTablesOptions extends ProjectOptions {
  /** A database: `local`, `remote`, `env:NAME` or `file:PATH.sqlite`. Default: the place, which is `local` if it is absent. */
  readonly at?: string;
  /** Of a remote database: if counting would probably read more rows, they are not counted. Default: 1,000,000. */
  readonly maxRowsRead?: number;
  /** The path of an earlier report of this function as JSON, relative to `cwd`: the report says what has changed since. */
  readonly against?: string;
}

const readOptions = optionsOf<AuditTablesOptions>("auditTables", {
  ...PROJECT,
  at: kinds.optional(kinds.name),
  against: kinds.optional(kinds.path),
  maxRowsRead: kinds.optional(kinds.wholeNumber(0, Number.MAX_SAFE_INTEGER)),
});

/** Outcome `problems` (exit 1) if a table cannot be read or the database is damaged. @throws OpsError DATABASE_UNREADABLE */
export async function auditTables(given: AuditTablesOptions = {}): Promise<Report> {
  const options = readOptions(given);
  const place = options.at === undefined ? null : parsePlace(options.at, "PLACE", DATABASE_PLACES);
  if (place !== null) requireAgreement(options.place, place);
  return withProject("audit tables", options, async (project) =>
    inventoryAt(place === null ? project : await projectAt(project, place)),
  );
}

async function inventoryAt(project: Project<AuditTablesOptions>): Promise<ProjectBody> {
  const { settings, options } = project;
  const { database } = settings;
  const { maxRowsRead: most = DEFAULT_ROWS_READ } = options;
  const earlier = options.against === undefined ? null : readEarlier(project, options.against);
  requireDatabase(project);
  const opened = await openDatabase(project, "read");
  const d1 = interruptibleDatabase(opened.d1, project);
  const inventory = await readInventory({
    d1,
    target: opened.target,
    ledger: database.migrationsTable,
    tableBytes: project.byPlace({
      local: () => tableBytes(localPath(settings, database)),
      remote: () => null,
    })(),
    maxRowsRead: project.byPlace({ local: null, remote: most }),
    now: project.date,
  });
  const { uncounted } = inventory;
  const expected = project.setting("audit.tables");
  const checks = [
    ...(uncounted === null ? [] : [costCheck(uncounted, most)]),
    sizeCheck(inventory),
    quickCheck(inventory),
    ...(earlier === null ? [] : [growthCheck(inventory, earlier)]),
  ];
  const findings = [
    ...(expected === null ? [] : expectedFindings(inventory, expected)),
    ...(earlier === null ? [] : changeFindings(inventory, earlier)),
  ];
  return { ...tablesReport({ inventory, checks, findings }), target: opened.target };
}
