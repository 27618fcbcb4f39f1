/** @module Reads the syntax tree of a JSON file: its value, and the keys that it has twice. */
import type { Node } from "jsonc-parser";
import { parseTreeOf, readConfigText } from "./parse-config.ts";

/** `fromEntries` also keeps a key such as `__proto__`, which an assignment would lose. */
export function valueOf(node: Node): unknown {
  if (node.type === "array") return childrenOf(node).map(valueOf);
  if (node.type !== "object") return node.value;
  return Object.fromEntries(
    propertiesOf(node).map(({ key, value }) => [keyOf(key), valueOf(value)]),
  );
}

interface Property {
  readonly key: Node;
  readonly value: Node;
}

export function propertiesOf(node: Node): Property[] {
  if (node.type !== "object") return [];
  return childrenOf(node).flatMap(({ children: [key, value] = [] }) =>
    key === undefined || value === undefined ? [] : [{ key, value }],
  );
}

export function childrenOf({ children = [] }: Node): readonly Node[] {
  return children;
}

export function keyOf({ value }: Node): string {
  return String(value);
}

export interface RepeatedKey {
  readonly path: readonly string[];
  readonly offset: number;
}

/** Every key that an object has already had. A parser keeps the last of them, and loses the others. */
export function repeatedKeys(node: Node, path: readonly string[] = []): RepeatedKey[] {
  if (node.type === "array") return childrenOf(node).flatMap((item) => repeatedKeys(item, path));
  const properties = propertiesOf(node);
  const names = properties.map(({ key }) => keyOf(key));
  return properties.flatMap(({ key, value }, at) => {
    const own = [...path, keyOf(key)];
    const inside = repeatedKeys(value, own);
    return names.indexOf(keyOf(key)) === at
      ? inside
      : [{ path: own, offset: key.offset }, ...inside];
  });
}

/** Those of a file that `parseConfig` has read. TOML does not allow any. */
export async function repeatedKeysIn(file: string): Promise<RepeatedKey[]> {
  if (file.endsWith(".toml")) return [];
  return repeatedKeys(await parseTreeOf(readConfigText(file), file));
}
