/** @module The columns of a CSV file of tenants, and how a row becomes the object that a line of JSON contains. */

/** The part of the input to which the value of a column belongs. */
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

/** `document_title` is a column of the first document, `document_2_title` of the second. */
const DOCUMENT = /^document_(?:(\d{1,2})_)?(title|content|source_type|source_url)$/;

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["yes", true],
  ["1", true],
  ["false", false],
  ["no", false],
  ["0", false],
]);

/** The column of a path in the object of a line. */
export function columnOf(path: string): string {
  const [, document, field] = /^knowledge\.documents\.(\d+)\.(.+)$/.exec(path) ?? [];
  if (field !== undefined) {
    return document === "0" ? `document_${field}` : `document_${Number(document) + 1}_${field}`;
  }
  return path === "business.email" ? "business_email" : (path.split(".").at(-1) ?? path);
}

const MANUAL = "docs/onboarding.md of the package d1ops";

export const HEADER_REQUIRED: string = `the first row must name the columns: tenant,user,company_name,industry,agent_name, … (${MANUAL})`;

export function headerProblem(
  columns: readonly string[],
): { readonly code: string; readonly problem: string } | null {
  const quoted = (names: readonly string[]): string =>
    names.map((name) => JSON.stringify(name)).join(", ");
  const unknown = columns.filter((name) => !COLUMNS.has(name) && !DOCUMENT.test(name));
  if (unknown.length === columns.length) {
    const first = quoted(unknown.slice(0, 3).map((name) => name.slice(0, 40)));
    const problem = `the file has no header: its first row begins with ${first}, but ${HEADER_REQUIRED}`;
    return { code: "no-header", problem };
  }
  if (unknown.length > 0) {
    const known = [...COLUMNS.keys(), "document_title", "document_content"].join(", ");
    const problem = `unknown columns: ${quoted(unknown)}. The columns are ${known}, … (${MANUAL})`;
    return { code: "columns", problem };
  }
  const twice = columns.filter((name, i) => columns.indexOf(name) < i);
  if (twice.length === 0) return null;
  return { code: "columns", problem: `duplicate columns: ${twice.join(", ")}` };
}

type Part = Record<string, unknown>;

/** The row as an object. An empty value is an absent one. */
export function valueOf(columns: readonly string[], record: readonly string[]): unknown {
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
      part[name === "business_email" ? "email" : name] = typedValue(name, text);
    } else {
      documents.set(Number(place), { ...documents.get(Number(place)), [field]: text });
    }
  }
  const { whole, ...rest } = parts;
  const inOrder = [...documents].sort(([a], [b]) => a - b).map(([, document]) => document);
  return { ...whole, ...rest, knowledge: { documents: inOrder } };
}

function typedValue(name: string, text: string): unknown {
  return name.startsWith("enable_") ? (BOOLEANS.get(text.trim().toLowerCase()) ?? text) : text;
}
