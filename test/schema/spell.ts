/** @module Writes a design as SQL, each time in another way with the same meaning. */
import {
  type ColumnDesign,
  columnsOf,
  type Design,
  type ForeignKeyDesign,
  isRowidKey,
  type KeyDesign,
  type Piece,
  type PlaceDesign,
  type TableDesign,
} from "./design.ts";
import type { Tape } from "./tape.ts";

/** How freely to write. `alter`: build tables in several steps. */
export interface Freedom {
  readonly tape: Tape;
  readonly alter: boolean;
}

/** Returns the statements that create this schema. */
export function spell(design: Design, freedom: Freedom): string[] {
  return new Speller(design, freedom).statements();
}

type Group = readonly string[];

const RESERVED = new Set(["order", "select", "values", "group", "check", "index", "left", "null"]);

class Speller {
  readonly #design: Design;
  readonly #alter: boolean;
  readonly #tape: Tape;
  /** Names of objects until they are renamed. */
  readonly #early = new Map<string, string>();

  constructor(design: Design, { tape, alter }: Freedom) {
    this.#design = design;
    this.#tape = tape;
    this.#alter = alter;
  }

  statements(): string[] {
    const { tables, indexes, triggers, views } = this.#design;
    const renames = this.#alter ? this.#chooseNames() : [];
    const made = tables.flatMap((table) => this.#table(table));
    const hanging = [
      ...indexes.map((index) => this.#index(index)),
      ...triggers.map((trigger) => this.#trigger(trigger)),
      ...views.map((view) => this.#view(view)),
    ];
    return [...made, ...hanging, ...renames.map((rename) => rename())];
  }

  // Chance

  #chance(likely = 0.5): boolean {
    return this.#tape.chance(likely);
  }

  #one<T>(...values: readonly [T, ...T[]]): T {
    return this.#tape.one(...values);
  }

  #shuffle<T>(values: readonly T[]): T[] {
    return this.#tape.shuffle(values);
  }

  // Words

  #case(text: string): string {
    return this.#one(
      text,
      text.toLowerCase(),
      text.toUpperCase(),
      Array.from(text)
        .map((letter) => (this.#chance() ? letter.toLowerCase() : letter.toUpperCase()))
        .join(""),
    );
  }

  /** Changes ASCII letters only: SQLite folds no others. */
  #nameCase(name: string): string {
    return this.#chance(0.3) ? name.replaceAll(/[A-Za-z]/g, (letter) => this.#case(letter)) : name;
  }

  #words(text: string): string[] {
    return text.split(" ").map((word) => this.#case(word));
  }

  #name(exact: string, where: "anywhere" | "declared" = "anywhere"): string {
    const name = where === "declared" ? exact : this.#nameCase(exact);
    const forms = [`"${name.replaceAll('"', '""')}"`, `\`${name.replaceAll("`", "``")}\``];
    if (!name.includes("]")) forms.push(`[${name}]`);
    if (where === "declared") forms.push(`'${name.replaceAll("'", "''")}'`);
    const isPlain = /^[A-Za-z_\u0080-\uFFFF][\w\u0080-\uFFFF]*$/.test(name);
    if (isPlain && !RESERVED.has(name.toLowerCase())) forms.unshift(name, name, name);
    return this.#one(forms[0] ?? "", ...forms.slice(1));
  }

  #tableName(table: string): string {
    return this.#name(this.#early.get(table) ?? table);
  }

  #columnName(table: string, column: string, where: "anywhere" | "declared" = "anywhere"): string {
    return this.#name(this.#early.get(`${table}\0${column}`) ?? column, where);
  }

  /** A string, in double quotes if no object has that name. */
  #text(text: string, canBeDouble: boolean): string {
    const names = this.#design.tables.flatMap((table) => [
      table.name,
      ...table.columns.map(({ name }) => name),
    ]);
    const isName = [...names, ...this.#early.values()].some(
      (name) => name.toLowerCase() === text.toLowerCase(),
    );
    return canBeDouble && !isName && this.#chance(0.3)
      ? `"${text.replaceAll('"', '""')}"`
      : `'${text.replaceAll("'", "''")}'`;
  }

  #pieces(pieces: readonly Piece[], canBeDouble = true): string[] {
    return pieces.map((piece) => {
      switch (piece.is) {
        case "word":
          return this.#case(piece.text);
        case "table":
          return this.#tableName(piece.table);
        case "column":
          return this.#columnName(piece.table, piece.column);
        case "name":
          return this.#name(piece.name);
        case "text":
          return this.#text(piece.text, canBeDouble);
        case "number":
          return this.#case(piece.text);
        case "sign":
          return piece.text === "="
            ? this.#one("=", "==")
            : piece.text === "<>"
              ? this.#one("<>", "!=")
              : piece.text;
      }
    });
  }

  /** Joins words with white space and comments, where needed or at random. */
  #join(parts: readonly string[]): string {
    let text = "";
    for (const part of parts) {
      const needed = /[\w'"`\]$\u0080-\uFFFF]$/.test(text) && /^[\w'"`[$\u0080-\uFFFF]/.test(part);
      const risky = /[-/|<>=*!.\d]$/.test(text) && /^[-/|<>=*!.\d]/.test(part);
      if (/^generated/i.test(part)) text += " ";
      else text += text !== "" && (needed || risky || this.#chance()) ? this.#space() : "";
      text += part;
    }
    return text;
  }

  #space(): string {
    return this.#one(
      " ",
      " ",
      " ",
      "  ",
      "\n",
      "\t",
      "\r\n",
      " /* , ) ' \" */ ",
      " -- ; ' ( don't\n",
      "/**/",
    );
  }

  #list(groups: readonly Group[]): string[] {
    return groups.flatMap((group, at) => (at === 0 ? group : [",", ...group]));
  }

  // Tables

  #table(table: TableDesign): string[] {
    const added = this.#alter ? this.#addable(table) : [];
    const { columns, constraints } = this.#place(table, added);
    const extra = this.#alter && this.#chance(0.3) ? "going soon" : null;
    const elements = table.columns
      .slice(0, table.columns.length - added.length)
      .map((column) => this.#column(table, column, columns.get(column.name) ?? []));
    if (extra !== null)
      elements.splice(this.#tape.next() % (elements.length + 1), 0, [
        this.#name(extra),
        ...(table.strict ? ["int"] : []),
      ]);
    const options = [
      ...(table.strict ? [this.#words("STRICT")] : []),
      ...(table.withoutRowid ? [this.#words("WITHOUT ROWID")] : []),
    ];
    const create = [
      ...this.#words("CREATE TABLE"),
      ...(this.#chance(0.2) ? this.#words("IF NOT EXISTS") : []),
      ...(this.#chance(0.2) ? ["main", "."] : []),
      this.#name(this.#early.get(table.name) ?? table.name, "declared"),
      "(",
      ...this.#list(elements),
      // SQLite needs no comma between two table constraints, but without it a name also applies to the next one.
      ...constraints.flatMap((constraint) => [",", ...constraint]),
      ")",
      ...this.#list(this.#shuffle(options)),
    ];
    const alters = added.map((column) => [
      ...this.#words(`ALTER TABLE`),
      this.#tableName(table.name),
      ...this.#words(this.#one("ADD", "ADD COLUMN")),
      ...this.#column(table, column, columns.get(column.name) ?? []),
    ]);
    const drops =
      extra === null
        ? []
        : [
            [
              ...this.#words("ALTER TABLE"),
              this.#tableName(table.name),
              ...this.#words("DROP COLUMN"),
              this.#name(extra),
            ],
          ];
    return [create, ...this.#shuffle([alters, drops]).flat()].map((statement) =>
      this.#join(statement),
    );
  }

  /** The last columns that ALTER TABLE can add: those in no key and in no constraint of several columns. */
  #addable(table: TableDesign): ColumnDesign[] {
    const bound = new Set([
      ...[table.primaryKey, ...table.uniques].flatMap((key) => columnsOf(key?.places ?? [])),
      ...table.foreignKeys.flatMap(({ columns }) => (columns.length > 1 ? columns : [])),
    ]);
    const last = table.columns.findLastIndex(({ name }) => bound.has(name));
    const plain = table.columns.findIndex(({ generated }) => generated === null);
    const first = Math.max(
      last + 1,
      plain + 1,
      table.columns.length - (this.#tape.next() % (table.columns.length + 1)),
    );
    return table.columns.slice(first);
  }

  /** Chooses the column for each constraint, or the place after all columns. */
  #place(
    table: TableDesign,
    added: readonly ColumnDesign[],
  ): { columns: Map<string, Group[]>; constraints: Group[] } {
    const columns = new Map<string, Group[]>(table.columns.map(({ name }) => [name, []]));
    const constraints: Group[] = [];
    const isAdded = (name: string): boolean => added.some((column) => column.name === name);
    const last = table.columns.at(-1)?.name ?? "";

    const key = table.primaryKey;
    if (key !== null) {
      const name = columnsOf(key.places)[0] ?? "";
      if (this.#isPlain(key) && this.#chance()) {
        const autoincrement = table.autoincrement ? ["AUTOINCREMENT"] : [];
        const group = [
          "PRIMARY KEY",
          ...(this.#chance(0.2) ? ["ASC"] : []),
          ...this.#conflict(key.conflict),
          ...autoincrement,
        ];
        columns.get(name)?.push(group.flatMap((words) => this.#words(words)));
      } else {
        const places = this.#places(key.places);
        const inner = table.autoincrement ? [...places, ...this.#words("AUTOINCREMENT")] : places;
        // In a table constraint, the sort order of INTEGER PRIMARY KEY has no meaning.
        const isBare = places.at(-1)?.toUpperCase() !== "ASC";
        const desc =
          isBare && isRowidKey(table) && !table.autoincrement && this.#chance(0.2)
            ? this.#words("DESC")
            : [];
        constraints.push([
          ...this.#words("PRIMARY KEY"),
          "(",
          ...inner,
          ...desc,
          ")",
          ...this.#conflict(key.conflict),
        ]);
      }
    }
    for (const unique of table.uniques) {
      const name = columnsOf(unique.places)[0] ?? "";
      if (this.#isPlain(unique) && this.#chance())
        columns.get(name)?.push([...this.#words("UNIQUE"), ...this.#conflict(unique.conflict)]);
      else
        constraints.push([
          ...this.#words("UNIQUE"),
          "(",
          ...this.#places(unique.places),
          ")",
          ...this.#conflict(unique.conflict),
        ]);
    }
    for (const foreign of table.foreignKeys) {
      const [only] = foreign.columns;
      const atColumn =
        foreign.columns.length === 1 && only !== undefined && (isAdded(only) || this.#chance());
      if (atColumn) columns.get(only)?.push(this.#references(foreign));
      else {
        const names = foreign.columns.map((name) => [this.#columnName(table.name, name)]);
        constraints.push([
          ...this.#words("FOREIGN KEY"),
          "(",
          ...this.#list(names),
          ")",
          ...this.#references(foreign),
        ]);
      }
    }
    for (const check of table.checks) {
      const name =
        check.name === null
          ? []
          : [...this.#words("CONSTRAINT"), this.#name(check.name, "declared")];
      const wrapped = this.#chance(0.2);
      const group = [
        ...name,
        ...this.#words("CHECK"),
        "(",
        ...(wrapped ? ["("] : []),
        ...this.#pieces(check.expression),
        ...(wrapped ? [")"] : []),
        ")",
      ];
      // An unnamed constraint comes first at its column: otherwise it would take the name of the one before it.
      const used = columnsOf([
        { expression: check.expression, collation: null, descending: false },
      ]);
      if (used.some(isAdded) || (check.name === null && this.#chance())) {
        const at =
          added.length > 0 ? last : this.#one(last, ...table.columns.map((column) => column.name));
        if (check.name === null) columns.get(at)?.unshift(group);
        else columns.get(at)?.push(group);
      } else constraints.push(group);
    }
    return {
      columns,
      constraints: this.#shuffle(constraints).map((group) => this.#labelled(group)),
    };
  }

  /** True for a single column without collation or order. */
  #isPlain({ places }: KeyDesign): boolean {
    return (
      places.every(({ collation, descending }) => collation === null && !descending) &&
      places.length === 1
    );
  }

  /** Names that do not matter. */
  #labelled(group: Group): Group {
    const isCheck = group[0]?.toUpperCase() === "CHECK" || group[0]?.toUpperCase() === "CONSTRAINT";
    return isCheck || !this.#chance(0.2)
      ? group
      : [...this.#words("CONSTRAINT"), this.#name("some name"), ...group];
  }

  #column(table: TableDesign, column: ColumnDesign, constraints: readonly Group[]): string[] {
    const isCheck = (group: Group): boolean => group.some((word) => word.toUpperCase() === "CHECK");
    const isUnnamed = (group: Group): boolean => group[0]?.toUpperCase() === "CHECK";
    const others: Group[] = constraints.filter((group) => !isCheck(group));
    if (column.notNull)
      others.push([...this.#words("NOT NULL"), ...this.#conflict(column.notNullConflict)]);
    else if (this.#chance(0.1)) others.push(this.#words("NULL"));
    if (column.collation !== null)
      others.push([
        ...this.#words("COLLATE"),
        this.#one(this.#case(column.collation), `"${column.collation}"`),
      ]);
    else if (this.#chance(0.1)) others.push(this.#words("COLLATE BINARY"));
    if (column.default !== null)
      others.push([...this.#words("DEFAULT"), ...this.#default(column.default)]);
    else if (column.generated === null && this.#chance(0.1) && !column.notNull)
      others.push(this.#words("DEFAULT NULL"));
    if (column.generated !== null) {
      // SQLite reads these two words as part of the type, and removes them unless a comment separates them.
      const always = this.#chance()
        ? [this.#case("GENERATED ALWAYS"), ...this.#words("AS")]
        : this.#words("AS");
      const kind =
        column.generated.kind === "VIRTUAL" && this.#chance()
          ? []
          : this.#words(column.generated.kind);
      others.push([...always, "(", ...this.#pieces(column.generated.expression), ")", ...kind]);
    }
    return [
      this.#columnName(table.name, column.name, "declared"),
      ...this.#type(column.type),
      ...constraints.filter(isUnnamed).flat(),
      ...this.#shuffle(others).flatMap((group) => this.#labelled(group)),
      ...constraints.filter((group) => isCheck(group) && !isUnnamed(group)).flat(),
    ];
  }

  #type(type: string): string[] {
    return (type.match(/\w+|[(),]/g) ?? []).map((part) => this.#case(part));
  }

  #default(pieces: readonly Piece[]): string[] {
    const [only] = pieces;
    if (pieces.length === 1 && only?.is === "text") {
      const forms = [
        `'${only.text.replaceAll("'", "''")}'`,
        `"${only.text.replaceAll('"', '""')}"`,
      ];
      if (/^[A-Za-z]+$/.test(only.text) && only.text !== "null") forms.push(only.text);
      return this.#chance(0.2)
        ? ["(", forms[0] ?? "", ")"]
        : [this.#one(forms[0] ?? "", ...forms.slice(1))];
    }
    const isOpen = only?.is === "sign" && only.text === "(";
    const wraps = isOpen || this.#chance(0.3) ? this.#one(0, 1) : 0;
    const inner = this.#pieces(pieces, false);
    return wraps === 0 ? inner : ["(", ...inner, ")"];
  }

  #conflict(action: string | null): string[] {
    if (action === null) return this.#chance(0.1) ? this.#words("ON CONFLICT ABORT") : [];
    return this.#words(`ON CONFLICT ${action}`);
  }

  #places(places: readonly PlaceDesign[]): string[] {
    return this.#list(
      places.map(({ expression, collation, descending }) => [
        ...this.#pieces(expression),
        ...(collation === null ? [] : [...this.#words("COLLATE"), this.#case(collation)]),
        ...(descending ? this.#words("DESC") : this.#chance(0.2) ? this.#words("ASC") : []),
      ]),
    );
  }

  #references({ table, to, onDelete, onUpdate, deferred }: ForeignKeyDesign): string[] {
    const parent = this.#design.tables.find(({ name }) => name === table);
    const key = columnsOf(parent?.primaryKey?.places ?? []);
    const isKey = to !== null && key.length > 0 && JSON.stringify(key) === JSON.stringify(to);
    const columns =
      to === null || (isKey && this.#chance())
        ? []
        : ["(", ...this.#list(to.map((name) => [this.#columnName(table, name)])), ")"];
    const actions = [
      ...(onDelete === "NO ACTION" && !this.#chance(0.2) ? [] : [`ON DELETE ${onDelete}`]),
      ...(onUpdate === "NO ACTION" && !this.#chance(0.2) ? [] : [`ON UPDATE ${onUpdate}`]),
      ...(this.#chance(0.1) ? ["MATCH FULL"] : []),
    ];
    const immediate = this.#one(
      "",
      "",
      "",
      "DEFERRABLE",
      "NOT DEFERRABLE",
      "NOT DEFERRABLE INITIALLY DEFERRED",
      "DEFERRABLE INITIALLY IMMEDIATE",
    );
    const when = deferred ? "DEFERRABLE INITIALLY DEFERRED" : immediate;
    return [
      ...this.#words("REFERENCES"),
      this.#tableName(table),
      ...columns,
      ...this.#shuffle(actions).flatMap((action) => this.#words(action)),
      ...(when === "" ? [] : this.#words(when)),
    ];
  }

  // Indexes, triggers and views

  #head(kind: string, name: string): string[] {
    return [
      ...this.#words(`CREATE ${kind}`),
      ...(this.#chance(0.2) ? this.#words("IF NOT EXISTS") : []),
      ...(this.#chance(0.2) ? ["main", "."] : []),
      this.#name(name, "declared"),
    ];
  }

  #index({ name, table, unique, places, where }: Design["indexes"][number]): string {
    return this.#join([
      ...this.#head(unique ? "UNIQUE INDEX" : "INDEX", name),
      ...this.#words("ON"),
      this.#tableName(table),
      "(",
      ...this.#places(places),
      ")",
      ...(where === null ? [] : [...this.#words("WHERE"), ...this.#pieces(where)]),
    ]);
  }

  #trigger({ name, table, timing, event, of, when, body }: Design["triggers"][number]): string {
    const columns = this.#shuffle(of).map((column) => [this.#columnName(table, column)]);
    return this.#join([
      ...this.#head("TRIGGER", name),
      ...(timing === "BEFORE" && this.#chance() ? [] : this.#words(timing)),
      ...this.#words(event),
      ...(of.length === 0 ? [] : [...this.#words("OF"), ...this.#list(columns)]),
      ...this.#words("ON"),
      this.#tableName(table),
      ...(this.#chance() ? this.#words("FOR EACH ROW") : []),
      ...(when === null ? [] : [...this.#words("WHEN"), ...this.#pieces(when)]),
      ...this.#words("BEGIN"),
      ...this.#pieces(body),
      ...this.#words("END"),
      ...(this.#chance() ? [";"] : []),
    ]);
  }

  #view({ name, declared, select }: Design["views"][number]): string {
    const columns =
      declared === null
        ? []
        : ["(", ...this.#list(declared.map((column) => [this.#name(column)])), ")"];
    return this.#join([
      ...this.#head("VIEW", name),
      ...columns,
      ...this.#words("AS"),
      ...this.#pieces(select),
      ...(this.#chance() ? [";"] : []),
    ]);
  }

  // Renames

  #chooseNames(): (() => string)[] {
    const renames: (() => string)[] = [];
    for (const table of this.#design.tables) {
      for (const { name } of table.columns) {
        // SQLite misses one of the places, and then rejects its own result.
        const keys = [table.primaryKey, ...table.uniques].map((key) =>
          columnsOf(key?.places ?? []),
        );
        if (keys.filter((key) => key.includes(name)).length > 1 || !this.#chance(0.1)) continue;
        const early = this.#one("was", "old name", "größer") + renames.length;
        const key = `${table.name}\0${name}`;
        this.#early.set(key, early);
        renames.push(() => {
          const from = this.#columnName(table.name, name);
          this.#early.delete(key);
          return this.#join([
            ...this.#words("ALTER TABLE"),
            this.#tableName(table.name),
            ...this.#words(this.#one("RENAME", "RENAME COLUMN")),
            from,
            ...this.#words("TO"),
            this.#name(name, "declared"),
          ]);
        });
      }
      if (!this.#chance(0.2)) continue;
      this.#early.set(table.name, this.#one("was", "old table", "_old_") + renames.length);
      renames.push(() => {
        const from = this.#tableName(table.name);
        this.#early.delete(table.name);
        return this.#join([
          ...this.#words("ALTER TABLE"),
          from,
          ...this.#words("RENAME TO"),
          this.#name(table.name, "declared"),
        ]);
      });
    }
    return this.#shuffle(renames);
  }
}
