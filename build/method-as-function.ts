/** @module Rewrites a method as a function, because V8 compiles only functions when it loads a script. */
import type { Function as FunctionNode, PropertyKey } from "oxc-parser";
import type { Edit } from "./edits.ts";

/** The script must begin with this if it contains a rewritten method of a class. Methods of a class are not enumerable, so these are not either. */
export const ADD_METHODS =
  "const addMethods=(owner,methods)=>{for(const name of Object.keys(methods))Object.defineProperty(owner,name,{value:methods[name],writable:true,configurable:true})};";

export interface Method {
  readonly start: number;
  readonly key: PropertyKey;
  readonly computed: boolean;
  readonly value: FunctionNode;
  /** Null for a method of an object. */
  readonly owner: "class" | "prototype" | null;
}

/**
 * A method of an object becomes a property, and a method of a class a static block that adds it. Returns null for a method with a
 * private or computed name. The caller leaves out methods that use `super`, which a function cannot.
 */
export function asFunction({ start, key, computed, value, owner }: Method): Edit[] | null {
  if (computed || key.type !== "Identifier") return null;
  const adds = `static{addMethods(${owner === "class" ? "this" : "this.prototype"},{`;
  const keyword = `${value.async ? "async " : ""}function${value.generator ? "*" : ""}`;
  return [
    { start, end: value.start, text: `${owner === null ? "" : adds}${key.name}:(${keyword}` },
    { start: value.end, end: value.end, text: owner === null ? ")" : ")})}" },
  ];
}
