/** @module Creates elements from text and attributes. Data never becomes markup. */

export type Child = Node | string | null;
export type Attributes = Readonly<Record<string, string | boolean | null>>;

/** `true` sets an empty attribute; `false` and null set none. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "string") made.setAttribute(name, value);
    else if (value === true) made.setAttribute(name, "");
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

export function button(
  label: string,
  kind: "primary" | "quiet" | "link",
  onClick: (() => void) | null,
  ...more: readonly Child[]
): HTMLButtonElement {
  const type = onClick === null ? "submit" : "button";
  const made = element("button", { type, class: kind }, label, ...more);
  if (onClick !== null) made.addEventListener("click", onClick);
  return made;
}

/** Text for screen readers only. */
export function screenReaderText(text: string): HTMLElement {
  return element("span", { class: "unseen" }, text);
}

/** An element of index.html. */
export function elementById(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}.`);
  return found;
}
