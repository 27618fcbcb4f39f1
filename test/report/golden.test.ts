/** The output of each reporter, in files. After an intended change: `npx vitest run test/report/golden.test.ts -u`. */
import { describe, expect, it } from "vitest";
import { plain } from "../../src/report/text-style.ts";
import { formats, renderReport, type RenderOptions } from "../../src/report/reporters.ts";
import { makePaint } from "../../src/terminal/style.ts";
import { samples } from "./samples.ts";

const options: RenderOptions = {
  paint: plain,
  width: 80,
  verbose: false,
  quiet: false,
  unicode: true,
};
const endings = {
  text: "txt",
  json: "json",
  markdown: "md",
  html: "html",
  junit: "xml",
  github: "log",
  sarif: "sarif",
};

const coloured = await makePaint(true);

describe.each(Object.entries(samples))("the sample report %s", (name, sample) => {
  it.each(formats)("is rendered as in its golden file: %s", async (format) => {
    const output = await renderReport(format, sample, options);
    expect(output.endsWith("\n")).toBe(true);
    await expect(output).toMatchFileSnapshot(`golden/${name}.${endings[format]}`);
  });

  it.each([
    ["verbose-ascii", { verbose: true, unicode: false }],
    ["quiet", { quiet: true }],
    ["painted", { paint: coloured }],
    ["narrow", { width: 40 }],
    ["unwrapped", { width: Number.POSITIVE_INFINITY }],
  ])("is rendered as in its golden file of text: %s", async (variant, changed) => {
    const output = await renderReport("text", sample, { ...options, ...changed });
    await expect(output).toMatchFileSnapshot(`golden/${name}.${variant}.txt`);
  });
});
