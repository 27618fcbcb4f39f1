/** @module The order in which wrangler runs migrations. */

/**
 * Compares folder by folder. Names that begin with a number come first, ordered by that number. Ties and all other names are ordered by
 * UTF-16 code units, so capitals come before small letters. The leading digits are the number: `2b_x` is 2.
 */
export function compareNames(a: string, b: string): number {
  const left = a.split("/");
  const right = b.split("/");
  for (const [index, segment] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = compareSegments(segment, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareSegments(a: string, b: string): number {
  const left = leadingNumber(a);
  const right = leadingNumber(b);
  if (left !== right) return left < right ? -1 : 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Infinity if the name has no number, so that it sorts last. A number that is too large for a double is Infinity too. */
function leadingNumber(segment: string): number {
  const number = Number.parseInt(segment, 10);
  return Number.isFinite(number) ? number : Infinity;
}
