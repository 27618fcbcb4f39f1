/** @module Finds masks that do not fit the database: names that do not exist, and kinds that would break a constraint or a key. */
import { nearest } from "../report/nearest.ts";
import type { ColumnRow, ForeignKeyRow, Rows } from "../schema/rows.ts";
import { sameIdentifier } from "../sql/quote.ts";
import { columnMaskOf, maskOf, ownerOf } from "./mask-plan.ts";
import type { Described } from "../snapshots/rows/read-source.ts";
import { type VirtualTable, virtualTablesOf } from "../snapshots/rows/virtual-tables.ts";
import type { ColumnMask, MaskProblem, Masks } from "./masks.ts";

/**
 * With any of them, nothing may be copied. `wrong`: the problems of the masks themselves, which say nothing about the references of their
 * columns.
 */
export function misfits(
  { rows, schema }: Described,
  masks: Masks,
  wrong: readonly MaskProblem[] = [],
): MaskProblem[] {
  const virtual = virtualTablesOf(schema);
  return [
    ...Object.entries(masks).flatMap(([table, mask]) => {
      const found = rows.list.find(({ name }) => sameIdentifier(name, table));
      const misfit = found === undefined ? unknownTable(rows, table) : tableProblem(found, virtual);
      if (misfit !== null) return [{ ...misfit, path: [table] }];
      if (typeof mask === "string") return [];
      return Object.entries(mask).flatMap(([column, one]) => {
        const unfit = columnProblem(rows, table, column, one);
        return unfit === null ? [] : [{ ...unfit, path: [table, column] }];
      });
    }),
    ...virtual.flatMap((one) => indexProblems(one, masks)),
    ...rows.foreignKeys.flatMap((key) => keyProblems(rows, key, { masks, wrong })),
  ];
}

type Wrong = Omit<MaskProblem, "path">;

function problem(text: string, guess: string | null = null): Wrong {
  return { problem: text, nearest: guess };
}

function unknownTable({ list }: Rows, table: string): Wrong {
  const known = list.filter(
    ({ type, name }) => type !== "shadow" && !/^(?:_cf_|sqlite_)/i.test(name),
  );
  const names = known.map(({ name }) => name);
  return problem(`is not a table; the tables are ${names.join(", ")}`, nearest(table, names));
}

function tableProblem(
  { name, type }: Rows["list"][number],
  virtual: readonly VirtualTable[],
): Wrong | null {
  if (type === "view") return problem("is a view; mask the tables that it reads");
  if (/^sqlite_/i.test(name)) return problem("is a table of SQLite, which has no values of yours");
  const owner = ownerOf(virtual, name);
  if (owner !== null) return problem(`is a part of the virtual table ${owner.name}; mask that one`);
  return null;
}

function columnProblem(
  { list, columns, indexes, objects }: Rows,
  table: string,
  name: string,
  mask: ColumnMask,
): Wrong | null {
  const own = columns.filter(({ owner }) => sameIdentifier(owner, table));
  const column = own.find((one) => sameIdentifier(one.name, name));
  const known = own.filter(({ hidden }) => hidden !== 1).map((one) => one.name);
  if (column === undefined || column.hidden === 1) {
    return problem(`is not a column; the columns are ${known.join(", ")}`, nearest(name, known));
  }
  if (mask === "keep") return null;
  if (column.hidden > 1)
    return problem("is a generated column; mask the columns that it is made of");
  if (list.some((one) => one.type === "virtual" && sameIdentifier(one.name, table))) return null;
  if (mask === "null" && (column.notnull === 1 || column.pk > 0)) {
    return problem(
      'cannot be "null", because the column rejects NULL; "hash" is a mask that fits every column',
    );
  }
  const isUnique = isUniqueColumn({ indexes, objects }, column);
  if (mask === "text" && isUnique) {
    return problem(
      'cannot be "text", because the column is unique and short texts are not; use "hash"',
    );
  }
  return null;
}

function isUniqueColumn(
  { indexes, objects }: Pick<Rows, "indexes" | "objects">,
  { owner, name, pk }: ColumnRow,
): boolean {
  if (pk > 0) return true;
  const unique = new Set(
    objects.filter(({ sql }) => /^CREATE\s+UNIQUE\s/i.test(sql ?? "")).map((one) => one.name),
  );
  return indexes.some(
    (term) =>
      term.owner === owner && term.name === name && (term.origin !== "c" || unique.has(term.index)),
  );
}

function indexProblems({ name, rowsOf, module }: VirtualTable, masks: Masks): MaskProblem[] {
  const mask = maskOf(masks, name);
  const wrong = (text: string): MaskProblem[] => [{ path: [name], ...problem(text) }];
  if (mask === "keep") return [];
  if (module !== "FTS5") {
    const hasWords = /^FTS[1-4]$/.test(module);
    return mask === null && !hasWords
      ? []
      : wrong(
          `is a virtual table of the module ${module.toLowerCase()}, which d1ops cannot mask; set it to "keep"`,
        );
  }
  if (mask === "empty") return [];
  if (rowsOf === "nowhere") {
    return wrong(
      'is an FTS5 table without content: its index contains words of the original rows, and cannot be made again from masked ones; set it to "empty" or "keep"',
    );
  }
  if (rowsOf === "other table" && mask !== null) {
    return wrong("has the rows of another table; mask that one, and d1ops makes the index again");
  }
  return [];
}

/** A reference survives only if both of its ends are masked alike. */
function keyProblems(
  { columns }: Rows,
  key: ForeignKeyRow,
  { masks, wrong }: { readonly masks: Masks; readonly wrong: readonly MaskProblem[] },
): MaskProblem[] {
  const { owner, table } = key;
  // A table without rows refers to nothing.
  if (maskOf(masks, owner) === "empty") return [];
  const parents = columns.filter((one) => sameIdentifier(one.owner, table));
  const primary = parents.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk);
  const to = key.to ?? primary[key.seq]?.name;
  if (to === undefined || isWrong(wrong, owner, key.from) || isWrong(wrong, table, to)) return [];
  const [child, parent] = [
    columnMaskOf(maskOf(masks, owner), key.from),
    columnMaskOf(maskOf(masks, table), to),
  ];
  if (child === "null" || JSON.stringify(child) === JSON.stringify(parent)) return [];
  const how = parent === null ? "is not masked" : `is masked as ${JSON.stringify(parent)}`;
  return [
    {
      path: [owner, key.from],
      ...problem(`refers to ${table}.${to}, which ${how}; mask both alike`),
    },
  ];
}

/** True if the mask of the column, or of all of its table, is wrong. */
function isWrong(wrong: readonly MaskProblem[], table: string, column: string): boolean {
  return wrong.some(
    ({ path: [owner = "", name = column] }) =>
      sameIdentifier(owner, table) && sameIdentifier(name, column),
  );
}
