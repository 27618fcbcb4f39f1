/** @module The report of `snapshot diff`. `snapshot-diff-findings.ts` has its findings. */
import { command } from "../../report/command.ts";
import type { Body } from "../../report/report-body.ts";
import type { Json } from "../../report/report.ts";
import { count, listed } from "../../report/wording.ts";
import { type Comparison, isIntact } from "../compare/compare-sides.ts";
import type { FileDifference } from "../compare/compare-files.ts";
import type { SchemaDifference } from "../compare/compare-schema.ts";
import type { TableComparison } from "../compare/compare-tables.ts";
import type { SnapshotFile } from "../store/manifest.ts";
import type { Diff, DiffSide } from "../compare/diff-side.ts";
import { fileFinding, rowsFinding, schemaFinding, sideFindings } from "./snapshot-diff-findings.ts";

/** Outcome `problems` if the sides differ. */
export function snapshotDiffReport(diff: Diff): Body {
  const { left, right, comparison, store } = diff;
  const { schema, tables, files } = differencesOf(comparison);
  const names = { left: left.name, right: right.name };
  const isEqual = schema.length + tables.length + files.length === 0;
  return {
    outcome: isEqual ? "ok" : "problems",
    summary: summary(diff),
    findings: [
      ...schema.map((one) => schemaFinding(one, names)),
      ...tables.map((one) => rowsFinding(one, names)),
      ...files.map((one) => fileFinding(one, names)),
      ...sideFindings(diff),
    ],
    data: {
      store,
      left: sideData(left),
      right: sideData(right),
      equal: isEqual,
      differences: [...schema.map(schemaData), ...tables.map(rowsData), ...files.map(fileData)],
      tables: (comparison.database?.tables ?? []).map(countsData),
      files:
        comparison.files === null
          ? null
          : { intact: comparison.files.intact, differing: files.length },
    },
    next:
      tables.length === 0 || diff.values
        ? []
        : [command("snapshot diff", left.name, right.name, "--values")],
  };
}

/** What differs. Tables without rows and columns that differ are only part of the schema. */
function differencesOf({ database, files }: Comparison): {
  readonly schema: readonly SchemaDifference[];
  readonly tables: readonly TableComparison[];
  readonly files: readonly FileDifference[];
} {
  return {
    schema: database?.schema ?? [],
    tables: (database?.tables ?? []).filter((one) => !isIntact(one)),
    files: files?.differences ?? [],
  };
}

function summary({ left, right, comparison }: Diff): string {
  const { schema, tables, files } = differencesOf(comparison);
  const all = comparison.database?.tables ?? [];
  const rows = all.reduce((sum, one) => sum + one.intact, 0);
  const differing = [
    ...(tables.length === 0 ? [] : [count(tables.length, "table")]),
    ...(schema.length === 0 ? [] : [`${count(schema.length, "object")} of the schema`]),
    ...(files.length === 0 ? [] : [count(files.length, "file")]),
  ];
  const intact = [
    ...(comparison.database === null
      ? []
      : [count(all.length - tables.length, "table"), count(rows, "row")]),
    ...(comparison.files === null ? [] : [count(comparison.files.intact, "file")]),
  ];
  const total = tables.length + schema.length + files.length;
  const sides = `between ${left.name} and ${right.name}`;
  const result =
    total === 0
      ? `No differences ${sides}`
      : `${listed(differing)} ${total === 1 ? "differs" : "differ"} ${sides}`;
  return intact.length === 0 ? result : `${result}. Intact: ${intact.join(", ")}`;
}

type Data = { readonly [key: string]: Json };

function sideData({ place, id, takenAt }: DiffSide): Data {
  return { place, id, takenAt };
}

function schemaData({ type, kind, name, left, right }: SchemaDifference): Data {
  return { object: type, kind, name, left, right };
}

function countsData({
  name,
  key,
  left,
  right,
  added,
  removed,
  changed,
  intact,
}: TableComparison): Data {
  return { name, key, left, right, added, removed, changed, intact };
}

function rowsData(table: TableComparison): Data {
  const { name, kind, key, added, removed, changed, intact, addedColumns, removedColumns } = table;
  return {
    object: "rows",
    kind: kind === "both" ? "changed" : kind,
    name,
    left: table.left,
    right: table.right,
    key,
    added,
    removed,
    changed,
    intact,
    addedColumns,
    removedColumns,
    examples: table.examples.map((one) => ({
      kind: one.kind,
      key: one.key,
      values: one.values?.map((value) => ({ ...value })) ?? null,
    })),
  };
}

function fileData({ path, kind, left, right }: FileDifference): Data {
  return { object: "file", kind, name: path, left: fileState(left), right: fileState(right) };
}

function fileState(file: SnapshotFile | null): Data | null {
  return file && { bytes: file.bytes, mode: file.mode, sha256: file.sha256 };
}
