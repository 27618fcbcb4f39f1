import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { htmlReport } from "../../src/report/html.ts";
import { palettes } from "../../src/report/html-style.ts";
import { anyReport } from "./any-report.ts";
import { report, samples } from "./samples.ts";
import { all, parseXml, type Element } from "./xml.ts";

/** Every element that the page may have. An element from a name would be another one, or would unbalance these. */
const known = new Set(
  "html head meta title style body main header h1 h2 h3 p bdi span section div table caption thead tbody tr th td code pre article strong details summary footer time".split(
    " ",
  ),
);

/** The page without the text of its stylesheet. */
function page(html: string): Element {
  return parseXml(html.replace(/<style>[^<]*<\/style>/, "<style></style>"));
}

function every(element: Element): Element[] {
  return [element, ...element.children.flatMap(every)];
}

describe("htmlReport of any report", () => {
  it("is one well-formed page with only the elements of the reporter", () => {
    fc.assert(
      fc.property(anyReport, (any) => {
        for (const element of every(page(htmlReport(any)))) {
          expect(known).toContain(element.name);
          for (const attribute of Object.keys(element.attributes)) {
            expect(attribute).not.toMatch(/^on|^src$|^href$|^style$/);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe.each(Object.entries(samples))("htmlReport of the sample %s", (_name, sample) => {
  const html = htmlReport(sample);
  const root = page(html);

  it("has no scripts, links or images, and a policy that forbids them", () => {
    expect(all(root, "script")).toEqual([]);
    expect(all(root, "link")).toEqual([]);
    expect(all(root, "img")).toEqual([]);
    expect(/<style>([^<]*)<\/style>/.exec(html)?.[1]).not.toMatch(/url\(|@import/);
    expect(html).toContain(`content="default-src 'none';`);
  });

  it("has a language, a title, landmarks, labels, table headers and states in words", () => {
    expect(root.attributes["lang"]).toBe("en");
    expect(all(root, "title")[0]?.text).not.toBe("");
    expect(all(root, "main")).toHaveLength(1);
    expect(all(root, "h1")).toHaveLength(1);
    const ids = every(root).flatMap(({ attributes }) => attributes["id"] ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { attributes } of every(root)) {
      const named = attributes["aria-labelledby"];
      if (named !== undefined) expect(ids).toContain(named);
      if (attributes["tabindex"] !== undefined) {
        expect(attributes["role"]).toBe("region");
        expect(attributes["aria-label"] ?? named).toBeDefined();
      }
    }
    for (const header of all(root, "th"))
      expect(["col", "row"]).toContain(header.attributes["scope"]);
    for (const table of all(root, "table")) expect(all(table, "caption")).toHaveLength(1);
    for (const state of every(root).filter(({ attributes }) =>
      attributes["class"]?.startsWith("state"),
    )) {
      expect(state.text).not.toBe("");
    }
  });
});

it("htmlReport shows every part of the report", () => {
  const html = htmlReport(samples["failed"] ?? report());
  for (const word of [
    "0008_drop_users.sql:12",
    "DROP TABLE users;",
    "no-index",
    "d1ops migrate apply --local",
  ]) {
    expect(html).toContain(word);
  }
});

describe.each(Object.entries(palettes))("the %s palette", (_name, palette) => {
  const { page: background, raised, line: _line, ...inks } = palette;

  it.each(Object.entries(inks))("has a contrast of 4.5 or more for %s", (_ink, colour) => {
    expect(contrast(colour, background)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour, raised)).toBeGreaterThanOrEqual(4.5);
  });
});

/** WCAG 2: relative luminance of both, the lighter over the darker. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
