/** @module Rewrites a method as a function, because V8 compiles only functions when it loads a script. */
import type { Function as FunctionNode, PropertyKey } from "oxc-parser";
import type { Edit } from "./edits.ts";

/** A script with a rewritten method of a class must begin with this. As with all methods of a class, no enumeration lists them. */
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
 * A method of an object becomes a property, and a method of a class a static block that adds it. Returns null for a method whose name is
 * private, computed or a string. A function cannot use `super`, so the caller must not pass a method that does. A static field that calls
 * a method of its class must follow that method.
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
