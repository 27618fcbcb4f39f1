/**
 * Compares triggers and views: objects that consist of statements.
 * @module
 */
import { sameNames } from "./compare-constraints.ts";
import { describeTrigger, describeView, excerpts, type Texts } from "./describe.ts";
import { lexemes } from "./lexemes.ts";
import type { Trigger, View } from "./model.ts";
import { type Names, statementNames } from "./names.ts";
import { fold, normalExpression } from "./normal.ts";

/** Returns the first difference in the event, the condition or the body. */
export function changedTrigger(left: Trigger, right: Trigger, names: Names): Texts | null {
  const [a, b] = [describeTrigger(left), describeTrigger(right)];
  if (fold(a) !== fold(b)) return [a, b];
  return (
    changedText(condition(left), condition(right), names) ??
    changedText(left.body, right.body, names)
  );
}

function condition({ when }: Trigger): string {
  return when === null ? "no WHEN" : `WHEN ${when}`;
}

/** Does not compare the view's columns: a column that comes from a table is the table's difference. */
export function changedView(left: View, right: View, names: Names): Texts | null {
  if (sameNames(left.declared, right.declared)) {
    return changedText(left.select, right.select, names);
  }
  return excerpts(describeView(left), describeView(right));
}

/**
 * If only one side has a table, `"name"` may be a column there and undecided on the other side. So the names of both
 * sides together decide, for both.
 */
function changedText(left: string, right: string, names: Names): Texts | null {
  if (left === right) return null;
  const texts = [decided(left, names), decided(right, names)] as const;
  return texts[0] === texts[1] ? null : excerpts(...texts);
}

function decided(text: string, names: Names): string {
  const list = lexemes(text);
  const isName = statementNames(names, list);
  return normalExpression(list, (name) => isName(name) ?? false);
}
