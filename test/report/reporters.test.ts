import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { formats } from "../../src/report/reporters.ts";
import { report } from "./samples.ts";

/** The modules that rendering one format loads, in a new process. */
function loaded(format: string): string[] {
  const script = `
    import { registerHooks } from "node:module";
    const urls = [];
    registerHooks({ load: (url, context, next) => { urls.push(url); return next(url, context); } });
    const { renderReport } = await import(${JSON.stringify(new URL("../../src/report/reporters.ts", import.meta.url).href)});
    const same = (text) => text;
    const paint = { red: same, yellow: same, green: same, cyan: same, dim: same, bold: same };
    const options = { paint, width: 80, verbose: false, quiet: false, unicode: true };
    await renderReport(${JSON.stringify(format)}, ${JSON.stringify(report())}, options);
    process.stdout.write(JSON.stringify(urls));`;
  const urls: string[] = JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }),
  );
  return urls.map((url) => url.replace(/^.*\/src\/report\//, ""));
}

it.each(formats)("renderReport as %s loads only that reporter, and no package", (format) => {
  const modules = loaded(format);
  expect(modules).toContain(`${format}.ts`);
  expect(modules.filter((url) => url.includes("node_modules"))).toEqual([]);
  const shared: Record<string, string[]> = { text: ["json"], sarif: ["json", "github"] };
  const others = formats.filter(
    (other) => other !== format && !(shared[format] ?? []).includes(other),
  );
  for (const other of others) expect(modules).not.toContain(`${other}.ts`);
});
