/** @module `npm run picture`: draws `docs/demo.svg` from the output of `npm run demo`, with its colours. It draws the part about backfills only. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const FONT = 13;
const LINE = 18;
const MARGIN = 20;
const COLORS: Readonly<Record<string, string>> = {
  31: "#ff7b72",
  32: "#56d364",
  33: "#e3b341",
  36: "#79c0ff",
};

interface Style {
  readonly color: string;
  readonly bold: boolean;
  readonly dim: boolean;
}

const PLAIN: Style = { color: "#e6edf3", bold: false, dim: false };

const { stdout, status } = spawnSync(process.execPath, [join(import.meta.dirname, "run.ts")], {
  encoding: "utf8",
  env: { ...process.env, FORCE_COLOR: "1", NO_COLOR: "" },
});
if (status !== 0) throw new Error(`the demo failed:\n${stdout}`);

/** The demo starts d1ops by its path. In a project, the command is `npx d1ops`. */
const started = /node \S+\/bin\/d1ops\.js/g;
const printed = stdout.replaceAll(started, "npx d1ops").split("\n");
const lines = printed.slice(
  lineWith("Apply the migrations."),
  lineWith("Does the schema match") - 1,
);
const width = Math.max(...lines.map((line) => visible(line).length)) * FONT * 0.602 + 2 * MARGIN;
const height = lines.length * LINE + 2 * MARGIN;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(width)}" height="${height}" viewBox="0 0 ${Math.ceil(width)} ${height}" role="img" aria-label="A part of the output of npm run demo">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT}" xml:space="preserve" style="white-space: pre">
${lines.map((line, i) => `<text x="${MARGIN}" y="${MARGIN + FONT + i * LINE}">${paintLine(line)}</text>`).join("\n")}
</g>
</svg>
`;
writeFileSync(join(import.meta.dirname, "../docs/demo.svg"), svg);

function lineWith(text: string): number {
  const at = printed.findIndex((line) => line.includes(text));
  if (at < 0) throw new Error(`the output of the demo does not contain ${JSON.stringify(text)}`);
  return at;
}

function paintLine(line: string): string {
  let style = PLAIN;
  return line
    .split(/(\u001B\[\d+m)/)
    .map((part) => {
      const code = /^\u001B\[(\d+)m$/.exec(part)?.[1];
      if (code === undefined) return part === "" ? "" : span(part, style);
      style = next(style, code);
      return "";
    })
    .join("");
}

function next(style: Style, code: string): Style {
  if (code === "0") return PLAIN;
  if (code === "1") return { ...style, bold: true };
  if (code === "2") return { ...style, dim: true };
  if (code === "22") return { ...style, bold: false, dim: false };
  return { ...style, color: COLORS[code] ?? PLAIN.color };
}

function span(text: string, { color, bold, dim }: Style): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return `<tspan fill="${color}"${bold ? ' font-weight="bold"' : ""}${dim ? ' opacity="0.6"' : ""}>${escaped}</tspan>`;
}

function visible(line: string): string {
  return line.replaceAll(/\u001B\[\d+m/g, "");
}
