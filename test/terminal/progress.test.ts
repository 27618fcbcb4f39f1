import { describe, expect, it } from "vitest";
import { progress, type Progress } from "../../src/terminal/progress.ts";

const erase = "\r\u001B[2K";

function start(
  stream: { isTTY?: boolean; columns?: number },
  dumb = false,
): { written: string[]; clock: { ms: number }; bar: Progress } {
  const written: string[] = [];
  const clock = { ms: 1000 };
  const write = (text: string): void => void written.push(text);
  const bar = progress({ ...stream, write }, { now: () => clock.ms, dumb });
  return { written, clock, bar };
}

describe("on a terminal", () => {
  it("says nothing of what is quick", () => {
    const { written, clock, bar } = start({ isTTY: true });
    bar.update(1, 10, "Copying");
    clock.ms += 299;
    bar.update(9, 10, "Copying");
    bar.end();
    expect(written).toEqual([]);
  });

  it("repaints one line, not too often, and leaves nothing behind", () => {
    const { written, clock, bar } = start({ isTTY: true });
    clock.ms += 300;
    bar.update(1, 3, "Copying");
    clock.ms += 99;
    bar.update(2, 3, "Copying");
    clock.ms += 1;
    bar.update(3, 3, "Copying");
    bar.end();
    bar.end();
    bar.update(4, 3, "Copying");
    expect(written).toEqual([`${erase}Copying 1/3 (33 %)`, `${erase}Copying 3/3 (100 %)`, erase]);
  });

  it("stays on one line and is not fooled by a label", () => {
    const { written, clock, bar } = start({ isTTY: true, columns: 12 });
    clock.ms += 300;
    bar.update(1, null, "\u001B[2J名前\nand more");
    expect(written).toEqual([`${erase}\\x1b[2J名前`]);
  });
});

it("takes a terminal that does not know its width for one of 80 columns", () => {
  const { written, clock, bar } = start({ isTTY: true, columns: 0 });
  clock.ms += 300;
  bar.update(1, null, "x".repeat(100));
  expect(written).toEqual([erase + "x".repeat(79)]);
});

describe.each([
  ["in a pipe", {}, false],
  ["on a dumb terminal", { isTTY: true }, true],
])("%s", (_name, stream, dumb) => {
  it("writes a plain line every five seconds at most", () => {
    const { written, clock, bar } = start(stream, dumb);
    for (let done = 1; done <= 12; done += 1) {
      clock.ms += 1000;
      bar.update(done, null, "Copying");
    }
    bar.end();
    expect(written).toEqual(["Copying 5\n", "Copying 10\n"]);
  });
});
