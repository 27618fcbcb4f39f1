/**
 * Tenants as a table, a row each, as a spreadsheet writes it: the first row names the columns.
 * @module
 */
import { pipeline, Readable } from "node:stream";
import { type CsvError, type Info, parse } from "csv-parse";
import { type Entry, NO_TEXT } from "./jsonl.ts";
import type { Line } from "./lines.ts";

/** Where the value of a column belongs: beside the others, or in a part of its own. */
const COLUMNS: ReadonlyMap<string, "whole" | "start" | "business" | "assistant"> = new Map([
  ["tenant", "whole"],
  ["user", "whole"],
  ["key", "whole"],
  ["email", "start"],
  ["company_name", "business"],
  ["industry", "business"],
  ["business_email", "business"],
  ["phone", "business"],
  ["agent_type", "assistant"],
  ["agent_name", "assistant"],
  ["voice", "assistant"],
  ["language", "assistant"],
  ["enable_appointments", "assistant"],
  ["enable_products", "assistant"],
]);

/** `document_title`, and of the second one `document_2_title`. */
const DOCUMENT = /^document_(?:(\d{1,2})_)?(title|content|source_type|source_url)$/;

const WORDS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["yes", true],
  ["1", true],
  ["false", false],
  ["no", false],
  ["0", false],
]);

const BROKEN: ReadonlyMap<string, string> = new Map([
  ["CSV_QUOTE_NOT_CLOSED", "a quote is opened and never closed"],
  [
    "INVALID_OPENING_QUOTE",
    "a quote in the middle of a value: put the value in quotes, and double those inside of it",
  ],
  [
    "CSV_INVALID_CLOSING_QUOTE",
    "something follows a closing quote: double the quotes that belong to the value; the rows behind it were not looked at",
  ],
]);

const HEADER =
  "the first row has to name the columns: tenant,user,company_name,industry,agent_name, … (docs/onboarding.md of the package d1ops)";

/** A first line that Excel and LibreOffice write and read: it says what is between the values. */
const SEPARATOR = /^"?sep=([^\w"\n])"?$/i;

interface Row {
  readonly record: string[];
  readonly info: Info;
}

/** @yields what each row says; line ends are LF inside of a value, too, and an empty value is none */
export async function* csvEntries(lines: AsyncIterable<Line>): AsyncGenerator<Entry> {
  const broken: Entry[] = [];
  let last = 0;
  // Behind a quote that is not where it should be, nobody can tell what is in quotes and what is not.
  let lost = Infinity;
  const iterator = lines[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) {
    yield { line: 1, code: "no-header", problem: `the file is empty: ${HEADER}` };
    return;
  }
  const separator = SEPARATOR.exec(first.value.text)?.[1];
  // Without its text the line is blank, so that all others keep their numbers.
  const begin = separator === undefined ? first.value : { ...first.value, text: "" };
  const text = Readable.from(textOf(begin, iterator, broken));
  const parser = parse({
    delimiter: separator ?? delimiterOf(first.value.text),
    record_delimiter: "\n",
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    // The rows are read later than they are parsed.
    on_record: (record: string[], { lines: at }) => {
      last = at;
      return record;
    },
    on_skip: (error: CsvError | undefined) => {
      if (error === undefined || lost < Infinity) return;
      const line = error.code === "CSV_QUOTE_NOT_CLOSED" ? last + 1 : Number(error["lines"]);
      if (error.code === "CSV_INVALID_CLOSING_QUOTE") lost = line;
      last = line;
      broken.push({ line, code: "not-csv", problem: BROKEN.get(error.code) ?? error.message });
    },
  });
  // What fails on the way is thrown where the rows are read.
  pipeline(text, parser, () => {});
  const rows: AsyncIterable<Row> = parser;
  let columns: readonly string[] | null = null;
  for await (const { record, info } of rows) {
    if (info.lines > lost) break;
    yield* broken.splice(0);
    const line = info.lines - record.join("").split("\n").length + 1;
    if (columns === null) {
      columns = record.map((name) => name.trim());
      const problem = headProblem(columns);
      if (problem !== null) {
        yield { line, ...problem };
        return;
      }
    } else if (record.length === columns.length) {
      yield { line, value: valueOf(columns, record) };
    } else {
      const problem = `it has ${record.length} values, and there are ${columns.length} columns`;
      yield { line, code: "not-csv", problem };
    }
  }
  if (columns === null && broken.length === 0) {
    yield { line: 1, code: "no-header", problem: `the file has no row: ${HEADER}` };
  }
  yield* broken;
}

async function* textOf(
  first: Line,
  others: AsyncIterator<Line>,
  broken: Entry[],
): AsyncGenerator<string> {
  for (let line = first; ;) {
    if (!line.isText) broken.push({ line: line.number, ...NO_TEXT });
    yield `${line.text}\n`;
    const next = await others.next();
    if (next.done === true) return;
    line = next.value;
  }
}

/** Some spreadsheets write semicolons or tabs, depending on where they are. No column's name has one. */
function delimiterOf(head: string): string {
  return [",", ";", "\t"].find((one) => head.includes(one)) ?? ",";
}

function headProblem(
  columns: readonly string[],
): { readonly code: string; readonly problem: string } | null {
  const unknown = columns.filter((name) => !COLUMNS.has(name) && !DOCUMENT.test(name));
  if (unknown.length === columns.length) {
    const said = unknown.slice(0, 3).map((name) => JSON.stringify(name.slice(0, 40)));
    const problem = `the file has no header: its first row begins with ${said.join(", ")}, and ${HEADER}`;
    return { code: "no-header", problem };
  }
  if (unknown.length > 0) {
    const known = [...COLUMNS.keys(), "document_title", "document_content"];
    const problem = `there are no columns ${unknown.map((name) => JSON.stringify(name)).join(", ")}; there are ${known.join(", ")}, … (docs/onboarding.md of the package d1ops)`;
    return { code: "columns", problem };
  }
  const twice = columns.filter((name, i) => columns.indexOf(name) < i);
  if (twice.length === 0) return null;
  return { code: "columns", problem: `the columns ${twice.join(", ")} are there twice` };
}

type Part = Record<string, unknown>;

/** As an object of JSON would say it. */
function valueOf(columns: readonly string[], record: readonly string[]): unknown {
  const parts = { whole: {}, start: {}, business: {}, assistant: {} } satisfies Record<
    string,
    Part
  >;
  const documents = new Map<number, Part>();
  for (const [i, name] of columns.entries()) {
    const text = record[i] ?? "";
    if (text === "") continue;
    const [, place = "1", field] = DOCUMENT.exec(name) ?? [];
    if (field === undefined) {
      const part: Part = parts[COLUMNS.get(name) ?? "whole"];
      part[name === "business_email" ? "email" : name] = wordOf(name, text);
    } else {
      documents.set(Number(place), { ...documents.get(Number(place)), [field]: text });
    }
  }
  const { whole, ...rest } = parts;
  const inOrder = [...documents].sort(([a], [b]) => a - b).map(([, document]) => document);
  return { ...whole, ...rest, knowledge: { documents: inOrder } };
}

function wordOf(name: string, text: string): unknown {
  return name.startsWith("enable_") ? (WORDS.get(text.trim().toLowerCase()) ?? text) : text;
}
