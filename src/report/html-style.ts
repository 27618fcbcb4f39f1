/**
 * The style of the HTML report: system fonts, light and dark, for screens, phones and paper.
 * A test requires a contrast of 4.5 to 1 or more for every colour.
 * @module
 */

export const palettes = {
  light: {
    page: "#ffffff",
    raised: "#f3f4f6",
    text: "#1f2328",
    muted: "#57606a",
    line: "#d0d7de",
    good: "#1a6e34",
    warn: "#7d4e00",
    bad: "#b3261e",
    info: "#0550ae",
  },
  dark: {
    page: "#0d1117",
    raised: "#161b22",
    text: "#e6edf3",
    muted: "#9ea7b3",
    line: "#30363d",
    good: "#56d364",
    warn: "#e3b341",
    bad: "#ff8a80",
    info: "#79c0ff",
  },
} as const;

function variables(palette: Readonly<Record<string, string>>): string {
  return Object.entries(palette)
    .map(([name, value]) => `--${name}: ${value};`)
    .join(" ");
}

export const stylesheet: string = `
:root { color-scheme: light dark; ${variables(palettes.light)} }
@media (prefers-color-scheme: dark) { :root { ${variables(palettes.dark)} } }
@media print { :root { color-scheme: light; ${variables(palettes.light)} } }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: 0.25rem 0; overflow-wrap: anywhere; }
code, pre { font: 0.9em/1.45 ui-monospace, monospace; }
pre { background: var(--raised); padding: 0.75rem; margin: 0.5rem 0; overflow-x: auto; border-radius: 0.25rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: start; color: var(--muted); }
th, td { text-align: start; vertical-align: top; padding: 0.25rem 1rem 0.25rem 0; border-top: 1px solid var(--line); }
td { overflow-wrap: anywhere; }
.number { text-align: end; white-space: nowrap; font-variant-numeric: tabular-nums; }
.lines { white-space: pre-wrap; }
.muted { color: var(--muted); }
.good { color: var(--good); }
.warn { color: var(--warn); }
.bad { color: var(--bad); }
.info { color: var(--info); }
.state { font-weight: 600; white-space: nowrap; }
.finding { border-inline-start: 0.25rem solid var(--line); padding-inline-start: 1rem; margin: 1rem 0; }
.wide { overflow-x: auto; }
:focus-visible { outline: 2px solid var(--info); outline-offset: 2px; }
`.trim();
