/** @module */
export function offsetOf(
  _sql: string,
  _message: string,
  _complaint: (sql: string) => string | null,
): number | null {
  return null;
}
