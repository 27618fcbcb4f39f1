/** @module Changes of one attribute of a design, and the one difference that each must cause. */
import type { Difference } from "../../src/schema/compare.ts";
import { ACTIONS, COLLATIONS, CONFLICTS } from "./any-design.ts";
import {
  column,
  type ColumnDesign,
  columnsOf,
  type Design,
  type IndexDesign,
  isRowidKey,
  type KeyDesign,
  number,
  type Piece,
  place,
  type PlaceDesign,
  sign,
  type TableDesign,
  text,
  word,
} from "./design.ts";

export interface Mutation {
  /** The changed attribute, named alike for all designs: `column type`. */
  readonly what: string;
  readonly expected: Pick<Difference, "kind" | "object" | "name">;
  /** Changes a copy of the design in place. */
  readonly apply: (design: Design) => void;
}

/** Returns all possible mutations of a design. */
export function mutationsOf(design: Design): Mutation[] {
  return [
    ...design.tables.flatMap((table, at) => ofTable(design, table, at)),
    ...design.indexes.flatMap((index, at) => ofIndex(design, index, at)),
    ...ofTriggers(design),
    ...ofViews(design),
  ];
}

export function mutate(design: Design, { apply }: Mutation): Design {
  const copy = structuredClone(design);
  apply(copy);
  return copy;
}

/** Returns a different value. */
function other<T>(values: readonly T[], value: T): T {
  const found = values.find((each) => each !== value);
  if (found === undefined) throw new Error("nothing else");
  return found;
}

/** Changes the first literal, or adds one. */
function bumped(pieces: readonly Piece[]): Piece[] {
  const at = pieces.findIndex(({ is }) => is === "text" || is === "number");
  const piece = pieces[at];
  if (piece?.is === "text") return pieces.with(at, text(`${piece.text}X`));
  if (piece?.is === "number") return pieces.with(at, number(piece.text === "1" ? "2" : "1"));
  return [...pieces, word("AND"), number("1")];
}

/** Changes the case of the first letter of the first string. No word of SQL changes. */
function recased(pieces: readonly Piece[]): Piece[] | null {
  const at = pieces.findIndex((piece) => piece.is === "text" && /[A-Za-z]/.test(piece.text));
  const piece = pieces[at];
  if (piece?.is !== "text") return null;
  const swap = (letter: string): string =>
    letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase();
  return pieces.with(at, text(piece.text.replace(/[A-Za-z]/, swap)));
}

function ofTable(design: Design, table: TableDesign, at: number): Mutation[] {
  const changed = { kind: "changed", object: "table", name: table.name } as const;
  const found: Mutation[] = [];
  const add = (
    what: string,
    apply: (copy: TableDesign, all: Design) => void,
    expected: Mutation["expected"] = changed,
  ): void => {
    found.push({
      what,
      expected,
      apply: (copy) => {
        const one = copy.tables[at];
        if (one === undefined) throw new Error("no such table");
        apply(one, copy);
      },
    });
  };
  const key = table.primaryKey;
  const plain = table.columns.filter(({ generated }) => generated === null).map(({ name }) => name);
  const keys = new Set(
    [key, ...table.uniques].map((one) => JSON.stringify(columnsOf(one?.places ?? []))),
  );
  const isFree = (places: readonly PlaceDesign[]): boolean =>
    !keys.has(JSON.stringify(columnsOf(places)));

  if (design.tables.length > 1) {
    add(
      "table missing",
      (_, all) => {
        all.tables.splice(at, 1);
        all.indexes = all.indexes.filter((index) => index.table !== table.name);
        all.triggers = all.triggers.filter((trigger) => trigger.table !== table.name);
      },
      { kind: "missing", object: "table", name: table.name },
    );
  }
  add(
    "table extra",
    (_, all) => {
      all.tables.push({
        ...structuredClone(table),
        name: "quite new",
        checks: [],
        foreignKeys: [],
        columns: [{ ...newColumn(table), name: "a" }],
        primaryKey: null,
        uniques: [],
        withoutRowid: false,
        autoincrement: false,
      });
      all.indexes.push({
        name: "on the new one",
        table: "quite new",
        unique: false,
        places: [place("quite new", "a")],
        where: null,
      });
    },
    { kind: "extra", object: "table", name: "quite new" },
  );

  const strictTypes = new Set(["INTEGER", "INT", "TEXT", "REAL", "BLOB", "ANY"]);
  if (
    table.strict
      ? !table.columns.some(({ type }) => type === "ANY")
      : table.columns.every(({ type }) => strictTypes.has(type))
  ) {
    add("STRICT", (copy) => (copy.strict = !copy.strict));
  }
  if (key !== null && !table.autoincrement)
    add("WITHOUT ROWID", (copy) => (copy.withoutRowid = !copy.withoutRowid));
  if (isRowidKey(table)) add("AUTOINCREMENT", (copy) => (copy.autoincrement = !copy.autoincrement));
  const last = table.columns.length - 1;
  add("order of columns", (copy) =>
    copy.columns.splice(last - 1, 2, ...copy.columns.slice(last - 1).toReversed()),
  );

  if (key !== null) {
    const [first] = key.places;
    const more = plain.find((name) => !columnsOf(key.places).includes(name));
    if (!table.withoutRowid && !table.autoincrement)
      add("PRIMARY KEY dropped", (copy) => (copy.primaryKey = null));
    if (!table.autoincrement && more !== undefined) {
      const places = [...key.places, place(table.name, more)];
      if (isFree(places))
        add("PRIMARY KEY wider", (copy) => keyOf(copy).places.push(place(table.name, more)));
    }
    const turned = key.places.toReversed();
    if (turned.length > 1 && isFree(turned))
      add("PRIMARY KEY turned", (copy) => keyOf(copy).places.splice(0, Infinity, ...turned));
    add(
      "PRIMARY KEY conflict",
      (copy) => (keyOf(copy).conflict = other([null, ...CONFLICTS], key.conflict)),
    );
    if (!isRowidKey(table) && first !== undefined) {
      add("PRIMARY KEY descending", (copy) => turn(keyOf(copy).places));
      // SQLite ignores the order of a single INTEGER column, also in a WITHOUT ROWID table.
      const isInteger = isRowidKey({ ...table, withoutRowid: false });
      if (!isInteger) add("PRIMARY KEY collation", (copy) => collate(table, keyOf(copy).places));
    }
  } else if (isFree([place(table.name, plain[0] ?? "")])) {
    add(
      "PRIMARY KEY added",
      (copy) => (copy.primaryKey = { places: [place(table.name, plain[0] ?? "")], conflict: null }),
    );
  }

  for (const [which, unique] of table.uniques.entries()) {
    const of = (copy: TableDesign): KeyDesign =>
      copy.uniques[which] ?? { places: [], conflict: null };
    add("UNIQUE dropped", (copy) => copy.uniques.splice(which, 1));
    add(
      "UNIQUE conflict",
      (copy) => (of(copy).conflict = other([null, ...CONFLICTS], unique.conflict)),
    );
    add("UNIQUE collation", (copy) => collate(table, of(copy).places));
    add("UNIQUE descending", (copy) => turn(of(copy).places));
    const turned = unique.places.toReversed();
    if (turned.length > 1 && isFree(turned))
      add("UNIQUE turned", (copy) => of(copy).places.splice(0, Infinity, ...turned));
  }
  const unused = plain.find((name) => isFree([place(table.name, name)]));
  if (unused !== undefined)
    add("UNIQUE added", (copy) =>
      copy.uniques.push({ places: [place(table.name, unused)], conflict: null }),
    );

  for (const [which, check] of table.checks.entries()) {
    const of = (copy: TableDesign): { name: string | null; expression: Piece[] } =>
      copy.checks[which] ?? { name: null, expression: [] };
    add("CHECK dropped", (copy) => copy.checks.splice(which, 1));
    add("CHECK name", (copy) => (of(copy).name = other([null, "another name"], check.name)));
    add("CHECK expression", (copy) => (of(copy).expression = bumped(check.expression)));
    const swapped = recased(check.expression);
    if (swapped !== null) add("CHECK case of a text", (copy) => (of(copy).expression = swapped));
  }
  add("CHECK added", (copy) =>
    copy.checks.push({
      name: null,
      expression: [column(table.name, plain[0] ?? ""), sign("<>"), number("77")],
    }),
  );

  for (const [which, foreign] of table.foreignKeys.entries()) {
    const of = (copy: TableDesign): TableDesign["foreignKeys"][number] =>
      copy.foreignKeys[which] ?? foreign;
    const parent = design.tables.find(({ name }) => name === foreign.table);
    add("FOREIGN KEY dropped", (copy) => copy.foreignKeys.splice(which, 1));
    add("FOREIGN KEY delete", (copy) => (of(copy).onDelete = other(ACTIONS, foreign.onDelete)));
    add("FOREIGN KEY update", (copy) => (of(copy).onUpdate = other(ACTIONS, foreign.onUpdate)));
    add("FOREIGN KEY deferred", (copy) => (of(copy).deferred = !foreign.deferred));
    const swapped = foreign.columns.toReversed();
    if (swapped.length > 1) add("FOREIGN KEY columns", (copy) => (of(copy).columns = swapped));
    const aim = parent?.columns.find(
      ({ name }) => foreign.to !== null && !foreign.to.includes(name),
    );
    if (aim && foreign.to) add("FOREIGN KEY target", (copy) => of(copy).to?.splice(0, 1, aim.name));
    const elsewhere = design.tables.find(({ name }) => name !== foreign.table);
    if (elsewhere && foreign.to === null)
      add("FOREIGN KEY parent", (copy) => (of(copy).table = elsewhere.name));
  }
  add("FOREIGN KEY added", (copy) =>
    copy.foreignKeys.push({
      columns: [plain[0] ?? ""],
      table: table.name,
      to: null,
      onDelete: "CASCADE",
      onUpdate: "CASCADE",
      deferred: false,
    }),
  );

  return [
    ...found,
    ...table.columns.flatMap((_, which) => ofColumn(design, table, at, which)),
    ...ofNewColumn(table, at),
  ];
}

function keyOf(table: TableDesign): KeyDesign {
  if (table.primaryKey === null) throw new Error("no key");
  return table.primaryKey;
}

function turn(places: PlaceDesign[]): void {
  const [first] = places;
  if (first) first.descending = !first.descending;
}

/** Gives the first term another collation than its effective one. */
function collate(table: TableDesign, places: PlaceDesign[]): void {
  const [first] = places;
  if (!first) return;
  const [name] = columnsOf([first]);
  const own = table.columns.find((each) => each.name === name)?.collation ?? "BINARY";
  first.collation = other([...COLLATIONS, "BINARY"], first.collation ?? own);
}

function newColumn(table: TableDesign): ColumnDesign {
  return {
    name: "brand new",
    type: table.strict ? "TEXT" : "",
    notNull: false,
    notNullConflict: null,
    default: null,
    collation: null,
    generated: null,
  };
}

function ofNewColumn(table: TableDesign, at: number): Mutation[] {
  const expected = { kind: "extra", object: "column", name: `${table.name}.brand new` } as const;
  return [0, table.columns.length].map((where) => ({
    what: "column extra",
    expected,
    apply: (copy) => copy.tables[at]?.columns.splice(where, 0, newColumn(table)),
  }));
}

function ofColumn(design: Design, table: TableDesign, at: number, which: number): Mutation[] {
  const one = table.columns[which];
  if (one === undefined) return [];
  const name = `${table.name}.${one.name}`;
  const found: Mutation[] = [];
  const add = (
    what: string,
    apply: (copy: ColumnDesign, all: Design) => void,
    kind: Difference["kind"] = "changed",
  ): void => {
    found.push({
      what,
      expected: { kind, object: "column", name },
      apply: (copy) => {
        const mutated = copy.tables[at]?.columns[which];
        if (mutated === undefined) throw new Error("no such column");
        apply(mutated, copy);
      },
    });
  };
  const isKey = columnsOf(table.primaryKey?.places ?? []).includes(one.name);
  const isAlias = isKey && isRowidKey(table);

  if (
    table.columns.length > 1 &&
    !isUsed(design, table, one.name) &&
    table.columns.some((each) => each !== one && each.generated === null)
  ) {
    add("column missing", (_, all) => all.tables[at]?.columns.splice(which, 1), "missing");
  }
  const types = table.strict
    ? ["TEXT", "INT", "BLOB"]
    : ["TEXT", "VARCHAR(20)", "VARCHAR(21)", "", "UNSIGNED BIG INT"];
  if (!table.autoincrement || !isKey)
    add("column type", (copy) => (copy.type = other(types, one.type)));
  // In some tables a key's column is NOT NULL implicitly, and an explicit NOT NULL changes nothing.
  if (!isKey || !(isAlias || table.strict || table.withoutRowid)) {
    add("column NOT NULL", (copy) => {
      copy.notNull = !one.notNull;
      copy.notNullConflict = null;
    });
  }
  if (one.notNull)
    add(
      "column NOT NULL conflict",
      (copy) => (copy.notNullConflict = other([null, ...CONFLICTS], one.notNullConflict)),
    );
  if (!isAlias)
    add(
      "column collation",
      (copy) => (copy.collation = other([null, ...COLLATIONS], one.collation)),
    );
  if (one.generated === null) {
    if (one.default === null)
      add("column default added", (copy) => (copy.default = [text("now there")]));
    else {
      const isSame = one.default.length === 1 && one.default[0]?.is === "word";
      add("column default dropped", (copy) => (copy.default = null));
      if (!isSame) add("column default", (copy) => (copy.default = bumped(one.default ?? [])));
    }
  } else {
    const { kind, expression } = one.generated;
    add(
      "column generated kind",
      (copy) => (copy.generated = { kind: kind === "STORED" ? "VIRTUAL" : "STORED", expression }),
    );
    add(
      "column generated expression",
      (copy) => (copy.generated = { kind, expression: bumped(expression) }),
    );
    add("column generated dropped", (copy) => (copy.generated = null));
  }
  return found;
}

function isUsed(design: Design, table: TableDesign, name: string): boolean {
  const pieces: Piece[] = [
    ...[table.primaryKey, ...table.uniques]
      .flatMap((key) => key?.places ?? [])
      .flatMap(({ expression }) => expression),
    ...table.checks.flatMap(({ expression }) => expression),
    ...table.columns.flatMap(({ generated }) => generated?.expression ?? []),
    ...design.indexes.flatMap(({ places, where }) => [
      ...places.flatMap(({ expression }) => expression),
      ...(where ?? []),
    ]),
    ...design.triggers.flatMap(({ when, body }) => [...(when ?? []), ...body]),
    ...design.views.flatMap(({ select }) => select),
  ];
  const names = [
    ...table.foreignKeys.flatMap(({ columns }) => columns),
    ...design.tables.flatMap(({ foreignKeys }) =>
      foreignKeys.flatMap((key) => (key.table === table.name ? (key.to ?? []) : [])),
    ),
    ...design.triggers.flatMap((trigger) => (trigger.table === table.name ? trigger.of : [])),
  ];
  return (
    names.includes(name) ||
    pieces.some(
      (piece) => piece.is === "column" && piece.table === table.name && piece.column === name,
    )
  );
}

function ofIndex(design: Design, index: IndexDesign, at: number): Mutation[] {
  const table = design.tables.find(({ name }) => name === index.table);
  if (table === undefined) return [];
  const found: Mutation[] = [];
  const add = (
    what: string,
    apply: (copy: IndexDesign, all: Design) => void,
    kind: Difference["kind"] = "changed",
    name = index.name,
  ): void => {
    found.push({
      what,
      expected: { kind, object: "index", name },
      apply: (copy) => {
        const mutated = copy.indexes[at];
        if (mutated === undefined) throw new Error("no such index");
        apply(mutated, copy);
      },
    });
  };
  const [first] = index.places;
  add("index missing", (_, all) => all.indexes.splice(at, 1), "missing");
  add(
    "index extra",
    (copy, all) => all.indexes.push({ ...structuredClone(copy), name: "one more" }),
    "extra",
    "one more",
  );
  add("index unique", (copy) => (copy.unique = !copy.unique));
  add("index descending", (copy) => turn(copy.places));
  if (first?.expression.length === 1) add("index collation", (copy) => collate(table, copy.places));
  add("index wider", (copy) => copy.places.push(place(table.name, table.columns[0]?.name ?? "")));
  if (
    index.places.length > 1 &&
    JSON.stringify(index.places[0]) !== JSON.stringify(index.places[1])
  ) {
    add("index narrower", (copy) => copy.places.splice(0, 1));
    add("index turned", (copy) =>
      copy.places.splice(0, 2, ...copy.places.slice(0, 2).toReversed()),
    );
  }
  const which = index.places.findIndex(({ expression }) => expression.length > 1);
  const term = index.places[which];
  if (term && term.expression[0]?.is !== "word") {
    const isWrapped = term.expression[0]?.is === "sign";
    const inner = isWrapped ? term.expression.slice(1, -1) : term.expression;
    const expression = isWrapped
      ? [sign("("), ...bumped(inner), sign(")")]
      : [...inner, sign("+"), number("1")];
    add("index expression", (copy) => copy.places.splice(which, 1, { ...term, expression }));
  }
  if (term?.expression[0]?.is === "word") {
    add("index expression's collation", (copy) =>
      copy.places.splice(which, 1, { ...term, collation: other([...COLLATIONS], term.collation) }),
    );
  }
  if (index.where === null) {
    add(
      "index WHERE added",
      (copy) =>
        (copy.where = [column(table.name, table.columns[0]?.name ?? ""), word("IS"), word("NULL")]),
    );
  } else {
    const { where } = index;
    add("index WHERE dropped", (copy) => (copy.where = null));
    add("index WHERE", (copy) => (copy.where = bumped(where)));
  }
  return found;
}

function ofTriggers(design: Design): Mutation[] {
  return design.triggers.flatMap((trigger, at) => {
    const found: Mutation[] = [];
    const add = (
      what: string,
      apply: (copy: typeof trigger, all: Design) => void,
      kind: Difference["kind"] = "changed",
      name = trigger.name,
    ): void => {
      found.push({
        what,
        expected: { kind, object: "trigger", name },
        apply: (copy) => {
          const mutated = copy.triggers[at];
          if (mutated === undefined) throw new Error("no such trigger");
          apply(mutated, copy);
        },
      });
    };
    const table = design.tables.find(({ name }) => name === trigger.table);
    add("trigger missing", (_, all) => all.triggers.splice(at, 1), "missing");
    add(
      "trigger extra",
      (copy, all) => all.triggers.push({ ...structuredClone(copy), name: "one more" }),
      "extra",
      "one more",
    );
    add(
      "trigger timing",
      (copy) => (copy.timing = trigger.timing === "AFTER" ? "BEFORE" : "AFTER"),
    );
    if (trigger.event === "INSERT" && trigger.of.length === 0)
      add("trigger event", (copy) => (copy.event = "UPDATE"));
    if (trigger.event === "UPDATE" && trigger.of.length === 0)
      add("trigger OF added", (copy) => copy.of.push(table?.columns[0]?.name ?? ""));
    if (trigger.of.length > 0) add("trigger OF dropped", (copy) => (copy.of = []));
    if (trigger.when === null)
      add("trigger WHEN added", (copy) => (copy.when = [number("1"), sign("="), number("1")]));
    else {
      const { when } = trigger;
      add("trigger WHEN dropped", (copy) => (copy.when = null));
      add("trigger WHEN", (copy) => (copy.when = bumped(when)));
    }
    const swapped = recased(trigger.body);
    if (swapped !== null) add("trigger case of a text", (copy) => (copy.body = swapped));
    add(
      "trigger body",
      (copy) => (copy.body = [...trigger.body, word("SELECT"), number("7"), sign(";")]),
    );
    return found;
  });
}

function ofViews(design: Design): Mutation[] {
  return design.views.flatMap((view, at) => {
    const found: Mutation[] = [];
    const add = (
      what: string,
      apply: (copy: typeof view, all: Design) => void,
      kind: Difference["kind"] = "changed",
      name = view.name,
    ): void => {
      found.push({
        what,
        expected: { kind, object: "view", name },
        apply: (copy) => {
          const mutated = copy.views[at];
          if (mutated === undefined) throw new Error("no such view");
          apply(mutated, copy);
        },
      });
    };
    add("view missing", (_, all) => all.views.splice(at, 1), "missing");
    add(
      "view extra",
      (copy, all) => all.views.push({ ...structuredClone(copy), name: "one more" }),
      "extra",
      "one more",
    );
    add("view select", (copy) => (copy.select = bumped(view.select)));
    const swapped = recased(view.select);
    if (swapped !== null) add("view case of a text", (copy) => (copy.select = swapped));
    if (view.declared === null) {
      const count = view.select.findIndex((piece) => piece.is === "word" && piece.text === "FROM");
      const commas = view.select
        .slice(0, count)
        .filter((piece) => piece.is === "sign" && piece.text === ",").length;
      add(
        "view columns",
        (copy) => (copy.declared = Array.from({ length: commas + 1 }, (_, which) => `c${which}`)),
      );
    } else {
      const { declared } = view;
      add("view columns dropped", (copy) => (copy.declared = null));
      add("view column renamed", (copy) => (copy.declared = [...declared.slice(1), "another"]));
    }
    return found;
  });
}
