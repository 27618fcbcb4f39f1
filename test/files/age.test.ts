import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ageWrapping, readIdentities, requireRecipients } from "../../src/files/age.ts";
import { newIdentity } from "../snapshots/identities.ts";

const HAS_AGE = spawnSync("age", ["--version"]).status === 0;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "d1ops-age-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function identityFile(text: string): string {
  const path = join(folder(), "key.txt");
  writeFileSync(path, text);
  return path;
}

async function errorOf(act: Promise<unknown>): Promise<Error & { hint: string }> {
  return act.then(
    () => expect.unreachable(),
    (error: Error & { hint: string }) => error,
  );
}

describe("an identity file", () => {
  test("has identities between comments and empty lines", async () => {
    const [one, two] = [await newIdentity(), await newIdentity()];
    const path = identityFile(
      `# created: 2026-01-01\r\n# public key: ${one.recipient}\r\n${one.identity}\r\n\n${two.identity}\n`,
    );
    expect(await readIdentities(path)).toEqual([one.identity, two.identity]);
  });

  test.each([
    ["an empty file", "", "it has no identity"],
    [
      "an encrypted identity file",
      "age-encryption.org/v1\n-> scrypt x 18\n",
      "it is encrypted itself",
    ],
    ["an armored encrypted identity file", "-----BEGIN AGE ENCRYPTED FILE-----\n", "encrypted"],
    ["an SSH key", "# key\n-----BEGIN OPENSSH PRIVATE KEY-----\n", "line 2 is not an identity"],
    ["an identity with a typing error", "AGE-SECRET-KEY-1QQQQQQ\n", "line 1 is not an identity"],
    ["a recipient", "age1qqqq\n", "line 1 is not an identity"],
  ])(
    "is refused if it is %s, and the error has none of its content",
    async (_, content, reason) => {
      const error = await errorOf(readIdentities(identityFile(content)));
      expect(error).toMatchObject({ code: "INPUT_UNREADABLE" });
      expect(error.message).toContain(reason);
      const told = `${error.message} ${error.hint} ${JSON.stringify(error)}`;
      const lines = content.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      for (const line of lines) expect(told).not.toContain(line);
    },
  );

  test("is named in the error if it does not exist", async () => {
    const error = await errorOf(readIdentities(join(folder(), "none.txt")));
    expect(error.message).toContain("none.txt cannot be read");
  });
});

describe("a recipient", () => {
  test("is accepted if age-keygen prints such a one", async () => {
    await requireRecipients([(await newIdentity()).recipient]);
  });

  test.each(["age1xyz", "ssh-ed25519 AAAA", "", "someone@example.com"])(
    "is refused if it is %j",
    async (recipient) => {
      await expect(requireRecipients([recipient])).rejects.toMatchObject({ code: "USAGE" });
    },
  );

  test("is refused without being printed if it is an identity", async () => {
    const { identity } = await newIdentity();
    const error = await errorOf(requireRecipients([identity]));
    expect(`${error.message} ${error.hint} ${String(error.cause)}`).not.toContain(identity);
  });
});

describe("the program age", () => {
  const content = new TextEncoder().encode("the content of a key file\n");

  test("opens what d1ops wrapped for a recipient", async ({ skip }) => {
    skip(!HAS_AGE, "age is not installed: apt-get install age");
    const dir = folder();
    const { identity, recipient } = await newIdentity();
    const way = { kind: "recipients", recipients: [recipient] } as const;
    writeFileSync(join(dir, "file.age"), await ageWrapping.wrap(content, way));
    writeFileSync(join(dir, "key.txt"), `${identity}\n`);
    const opened = execFileSync("age", ["--decrypt", "-i", "key.txt", "file.age"], { cwd: dir });
    expect(opened).toEqual(Buffer.from(content));
  });

  test("writes identities and files that d1ops reads", async ({ skip }) => {
    skip(!HAS_AGE, "age is not installed: apt-get install age");
    const dir = folder();
    execFileSync("age-keygen", ["-o", "key.txt"], { cwd: dir, stdio: "ignore" });
    const recipient = execFileSync("age-keygen", ["-y", "key.txt"], { cwd: dir }).toString().trim();
    const file = execFileSync("age", ["--encrypt", "-r", recipient], { cwd: dir, input: content });
    const identities = await readIdentities(join(dir, "key.txt"));
    const read = await ageWrapping.unwrap(file, { identities, passphrase: null });
    expect(read && Buffer.from(read)).toEqual(Buffer.from(content));
  });

  test("opens what d1ops wrapped with a passphrase", async ({ skip }) => {
    skip(!HAS_AGE, "age is not installed: apt-get install age");
    // `age` reads a passphrase from a terminal only. `script` gives it one.
    skip(spawnSync("script", ["--version"]).status !== 0, "script is not installed");
    const dir = folder();
    const passphrase = "correct horse battery";
    const way = { kind: "passphrase", passphrase } as const;
    writeFileSync(join(dir, "file.age"), await ageWrapping.wrap(content, way));
    const command = "age --decrypt -o out.txt file.age";
    execFileSync("script", ["-qec", command, "/dev/null"], {
      cwd: dir,
      input: `${passphrase}\n`,
      stdio: ["pipe", "ignore", "ignore"],
    });
    expect(execFileSync("cat", ["out.txt"], { cwd: dir })).toEqual(Buffer.from(content));
  });
});
