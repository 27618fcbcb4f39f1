/**
 * Builds an index of the model from SQLite's PRAGMAs and the text of its definition.
 * @module
 */
import type { IndexDefinition, TermDefinition } from "./definition.ts";
import type { Column, Index, Table, Term } from "./model.ts";
import { columnNames } from "./names.ts";
import { normalExpression } from "./normal.ts";
import type { IndexRow } from "./rows.ts";

/** Builds an index. `places` are its rows, in order. */
export function makeIndex(
  name: string,
  definition: IndexDefinition,
  table: Table,
  places: readonly IndexRow[],
): Index {
  const { unique, where, terms } = definition;
  return {
    name,
    table: table.name,
    unique,
    terms: places.map((place) => makeTerm(place, table.columns, terms[place.seqno])),
    where: where && normalExpression(where, columnNames(table.columns)),
  };
}

/** Builds a term. Only expressions need the definition. */
export function makeTerm(
  place: IndexRow,
  columns: readonly Column[],
  definition?: TermDefinition,
): Term {
  const collation = place.coll.toUpperCase();
  const descending = place.desc === 1;
  if (place.name !== null) {
    const column = columns.find(({ name }) => name === place.name);
    const inherited = column?.collation === collation;
    return { column: place.name, expression: null, collation, inherited, descending };
  }
  const expression = normalExpression(definition?.expression ?? [], columnNames(columns));
  const inherited = definition?.collation === null;
  return { column: null, expression, collation, inherited, descending };
}
