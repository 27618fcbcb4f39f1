/** @module Reads tenants from CSV, one per row, as a spreadsheet writes it. The first row names the columns. */
import { pipeline, Readable } from "node:stream";
import { type CsvError, type Info, parse } from "csv-parse";
import { HEADER_REQUIRED, headerProblem, valueOf } from "./csv-columns.ts";
import { type Entry, type Line, NOT_UTF8 } from "./lines.ts";

const MESSAGES: ReadonlyMap<string, string> = new Map([
  ["CSV_QUOTE_NOT_CLOSED", "a quote is not closed"],
  [
    "INVALID_OPENING_QUOTE",
    "a quote inside an unquoted value: put the value in quotes, and double the quotes inside it",
  ],
  [
    "CSV_INVALID_CLOSING_QUOTE",
    "text after a closing quote: double the quotes that belong to the value. d1ops did not check the rows after this one",
  ],
]);

/** A first line that Excel and LibreOffice write and read: it names the separator. */
const SEPARATOR = /^"?sep=([^\w"\n])"?$/i;

/** @yields each row; line ends inside a value become LF, and an empty value is an absent one */
export async function* csvEntries(lines: AsyncIterable<Line>): AsyncGenerator<Entry> {
  const iterator = lines[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) {
    yield { line: 1, code: "no-header", problem: `the file is empty: ${HEADER_REQUIRED}` };
    return;
  }
  const invalid: Entry[] = [];
  let columns: readonly string[] | null = null;
  for await (const { line, record } of rowsOf(first.value, iterator, invalid)) {
    yield* invalid.splice(0);
    if (columns !== null) {
      yield entryOf(columns, record, line);
      continue;
    }
    columns = record.map((name) => name.trim());
    const problem = headerProblem(columns);
    if (problem !== null) {
      yield { line, ...problem };
      return;
    }
  }
  if (columns === null && invalid.length === 0) {
    yield { line: 1, code: "no-header", problem: `the file has no rows: ${HEADER_REQUIRED}` };
  }
  yield* invalid;
}

function entryOf(columns: readonly string[], record: readonly string[], line: number): Entry {
  if (record.length === columns.length) return { line, value: valueOf(columns, record) };
  const problem = `the row has ${record.length} values, but the header has ${columns.length} columns`;
  return { line, code: "not-csv", problem };
}

/** @yields the rows that can be parsed; the others become entries of `invalid` */
async function* rowsOf(
  first: Line,
  others: AsyncIterator<Line>,
  invalid: Entry[],
): AsyncGenerator<{ readonly line: number; readonly record: readonly string[] }> {
  const separator = SEPARATOR.exec(first.text)?.[1];
  // The line stays in place without its text, so that the others keep their numbers.
  const begin = separator === undefined ? first : { ...first, text: "" };
  let lastLine = 0;
  // After a misplaced closing quote it is unknown which text is in quotes, so no row after it is read.
  let endLine = Infinity;
  const parser = parse({
    delimiter: separator ?? delimiterOf(first.text),
    record_delimiter: "\n",
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    // The parser is ahead of the loop below.
    on_record: (record: string[], { lines }) => {
      lastLine = lines;
      return record;
    },
    on_skip: (error: CsvError | undefined) => {
      if (error === undefined || endLine < Infinity) return;
      const notClosed = error.code === "CSV_QUOTE_NOT_CLOSED";
      const line = notClosed ? lastLine + 1 : Number(error["lines"]);
      if (error.code === "CSV_INVALID_CLOSING_QUOTE") endLine = line;
      lastLine = line;
      invalid.push({ line, code: "not-csv", problem: MESSAGES.get(error.code) ?? error.message });
    },
  });
  // The loop below throws the errors of the pipeline.
  pipeline(Readable.from(textOf(begin, others, invalid)), parser, () => {});
  const rows: AsyncIterable<{ record: string[]; info: Info }> = parser;
  for await (const { record, info } of rows) {
    if (info.lines > endLine) return;
    yield { record, line: info.lines - record.join("").split("\n").length + 1 };
  }
}

async function* textOf(
  first: Line,
  others: AsyncIterator<Line>,
  invalid: Entry[],
): AsyncGenerator<string> {
  for (let line = first; ;) {
    if (!line.isUtf8) invalid.push({ line: line.number, ...NOT_UTF8 });
    yield `${line.text}\n`;
    const next = await others.next();
    if (next.done === true) return;
    line = next.value;
  }
}

/** In some countries spreadsheets write semicolons or tabs. No column name contains one. */
function delimiterOf(header: string): string {
  return [",", ";", "\t"].find((one) => header.includes(one)) ?? ",";
}
