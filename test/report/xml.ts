/** A small, strict XML parser for tests. */
export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
}

/** Of the control characters, XML allows three, and those of C1. */
const forbidden = /(?![\t\n\r\u0080-\u009F\u007F])\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/u;
const token = /<(\/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;

/** Throws at the first text that is not well-formed. A doctype or an XML declaration may come first. */
export function parseXml(source: string): Element {
  const bad = forbidden.exec(source);
  if (bad) throw new Error(`character not allowed in XML at ${bad.index}`);
  const body = source.replace(/^(<\?xml[^?]*\?>|<!doctype html>)\s*/, "");
  const root: Element = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  token.lastIndex = 0;
  while (token.lastIndex < body.length) {
    const at = token.lastIndex;
    const match = token.exec(body);
    if (!match) throw new Error(`not well-formed at ${at}: ${body.slice(at, at + 80)}`);
    const [, closing, name = "", attributes = "", empty, text] = match;
    const parent = open.at(-1) ?? root;
    if (text !== undefined) {
      parent.text += unescape(text);
    } else if (closing) {
      if (parent.name !== name || attributes) throw new Error(`</${name}> closes <${parent.name}>`);
      open.pop();
    } else {
      const element: Element = { name, attributes: read(attributes), children: [], text: "" };
      parent.children.push(element);
      if (!empty) open.push(element);
    }
  }
  const [only, ...others] = root.children;
  if (open.length !== 1 || only === undefined || others.length > 0 || root.text.trim() !== "") {
    throw new Error("not exactly one closed root element");
  }
  return only;
}

export function all(element: Element, name: string): Element[] {
  const own = element.name === name ? [element] : [];
  return [...own, ...element.children.flatMap((child) => all(child, name))];
}

function read(source: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name = "", value = ""] of source.matchAll(/([\w:.-]+)="([^"]*)"/g)) {
    if (Object.hasOwn(found, name)) throw new Error(`attribute ${name} twice`);
    found[name] = unescape(value);
  }
  return found;
}

function unescape(text: string): string {
  if (text.includes("]]>")) throw new Error("]]> in text");
  return text.replaceAll(
    /&(?:(lt|gt|amp|quot)|#(\d+));|&/g,
    (whole, name?: string, code?: string) => {
      if (name !== undefined) return { lt: "<", gt: ">", amp: "&", quot: '"' }[name] ?? "";
      if (code !== undefined) return String.fromCodePoint(Number(code));
      throw new Error(`bare ampersand: ${whole}`);
    },
  );
}
