/**
 * Parses SQLite's error messages (version 3.54), with or without the frame that D1 adds:
 * `D1_ERROR: … at offset 7: SQLITE_ERROR`.
 * @module
 */
import { unquoteIdentifier } from "./quote.ts";

/** The kind of object that a name denotes. It decides between several places where the same name occurs. */
export type Role = "table" | "column" | "function" | "any";

export type Complaint =
  /** A syntax error at a token with this text. */
  | { readonly about: "near"; readonly text: string }
  /** Text that SQLite's tokenizer rejects. */
  | { readonly about: "unrecognized"; readonly text: string }
  /** The statement is incomplete. */
  | { readonly about: "end" }
  /** A named object; `names` are the spellings that the statement may use, the most exact one first. */
  | { readonly about: "name"; readonly names: readonly string[]; readonly role: Role }
  | { readonly about: "nothing" };

/** Splits a message into its text without D1's frame, and D1's offset in UTF-8 bytes from the start of the statement. */
export function unframe(message: string): { text: string; offset: number | null } {
  const start = /^(?:Error: )?(?:D1_[A-Z_]+: )?/.exec(message)?.[0].length ?? 0;
  const end =
    /(?: at offset (\d+))?(?:: SQLITE_[A-Z_]+)?(?: \(extended: SQLITE_[A-Z_]+\))?(?: \[code: \d+\])?$/.exec(
      message,
    );
  return {
    text: message.slice(start, end?.index),
    offset: end?.[1] === undefined ? null : Number(end[1]),
  };
}

/** Each pattern has one group: the name, or several names separated by commas. */
const WORDINGS: readonly (readonly [Role, RegExp])[] = [
  ["table", /^no such (?:table|view): (.+)$/s],
  ["table", /^(?:table|view) (.+) already exists$/s],
  [
    "table",
    /^there is already (?:a table|an index|another table or index) (?:named|with this name:) (.+)$/s,
  ],
  ["table", /^table (.+) has \d+ (?:columns|values) (?:but|for) /s],
  ["table", /^table "?(.+?)"? has more than one primary key$/s],
  ["table", /^table (.+) may not be \w+$/s],
  ["table", /^cannot modify (.+) because it is a view$/s],
  ["table", /^use DROP \w+ to delete (?:table|view) (.+)$/s],
  ["table", /^object name reserved for internal use: (.+)$/s],
  ["column", /^no such column: (.+?)(?: - should this be a string literal in single-quotes\?)?$/s],
  ["column", /^ambiguous column name: (.+)$/s],
  ["column", /^duplicate column name: (.+)$/s],
  ["column", /^(?:table )?.+ has no column named (.+)$/s],
  ["column", /^unknown column "(.+)" in foreign key definition$/s],
  ["column", /^cannot join using column (.+) - column not present in both tables$/s],
  ["column", /^cannot (?:INSERT into|UPDATE) generated column "(.+)"$/s],
  [
    "column",
    /^cannot drop (?:PRIMARY KEY |UNIQUE )?column:? (".+?")(?:: no other columns exist)?$/s,
  ],
  ["column", /^cannot store \w+ value in \w+ column (.+)$/s],
  ["column", /^default value of column \[(.+)\] is not constant$/s],
  ["column", /^access to (.+) is prohibited$/s],
  ["function", /^no such function: (.+)$/s],
  ["function", /^not authorized to use function: (.+)$/s],
  ["function", /^wrong number of arguments to function (.+)\(\)$/s],
  ["function", /^too many arguments on function (.+)$/s],
  ["function", /^(.+)\(\) may not be used as a window function$/s],
  ["function", /^misuse of (?:aggregate: |aggregate function |window function )(.+)\(\)$/s],
  ["any", /^no such (?:index|trigger|module|collation sequence|savepoint): (.+)$/s],
  ["any", /^(?:index|trigger) (.+) already exists$/s],
  ["any", /^unknown database (.+)$/s],
  ["any", /^(?:view|trigger|index) (.+) cannot reference objects in database .+$/s],
  ["any", /^CHECK constraint failed: (.+)$/s],
];

/** Parses a message. `text` has no frame: see {@link unframe}. */
export function complaintOf(text: string): Complaint {
  if (text === "incomplete input") return { about: "end" };
  const near = /^near "(.*)": syntax error$/s.exec(text)?.[1];
  if (near !== undefined) return { about: "near", text: near };
  const token = /^unrecognized token: "(.*)"$/s.exec(text)?.[1];
  if (token !== undefined) return { about: "unrecognized", text: token };

  // The broken view or trigger is not in the statement. Only the object that the statement drops (`after drop column`) is.
  const elsewhere = /^error in \w+ (.+?)( after [\w ]+)?: (.+)$/s.exec(text);
  if (elsewhere?.[2] !== undefined) return complaintOf(elsewhere[3] ?? "");
  if (elsewhere !== null) return { about: "name", names: [elsewhere[1] ?? ""], role: "any" };

  const constraint = /^(?:UNIQUE|NOT NULL) constraint failed: (.+)$/s.exec(text)?.[1];
  if (constraint !== undefined)
    return { about: "name", names: ofConstraint(constraint), role: "column" };

  for (const [role, wording] of WORDINGS) {
    const name = wording.exec(text)?.[1];
    if (name !== undefined)
      return { about: "name", names: spellings(unquoteIdentifier(name)), role };
  }
  return { about: "nothing" };
}

/** A statement may write `main.t.x` in full, as `t.x`, or as `x`. */
function spellings(name: string): string[] {
  const found = [name];
  for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1))
    found.push(name.slice(dot + 1));
  return found.slice(0, 4);
}

/** For `t.a, t.b`: the spellings of the columns, then the table. */
function ofConstraint(list: string): string[] {
  const columns = list.split(", ").slice(0, 100);
  return [
    ...columns.flatMap(spellings),
    ...columns.slice(0, 1).map((name) => name.split(".")[0] ?? ""),
  ];
}
