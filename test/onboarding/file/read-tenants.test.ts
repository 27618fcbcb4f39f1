import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linesOf } from "../../../src/onboarding/file/lines.ts";
import {
  type TenantFile,
  digestOfSync,
  type InputFormat,
  readTenants,
} from "../../../src/onboarding/file/read-tenants.ts";
import { digestOf } from "../../../src/onboarding/whole-tenant.ts";
import { jsonl, numberOf, tenantLine } from "../../commands/onboard/shop.ts";

const settings = { country: "FR", reserved: ["+33639980000"] };

async function* chunks(text: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function read(text: string | Uint8Array, format: InputFormat, size = 7): Promise<TenantFile> {
  return readTenants(linesOf("tenants", chunks(text, size)), format, settings);
}

/** Each problem as `2 business.phone phone-too-short`. */
async function problems(text: string | Uint8Array, format: InputFormat): Promise<string[]> {
  const { problems: found } = await read(text, format);
  return found.map(({ line, path, code }) => [line, path, code].join(" ").replace("  ", " "));
}

const ok = (n: number): unknown => tenantLine(n);

describe("linesOf", () => {
  test("yields the same lines for any chunks, with LF and CR LF, with and without a final line end", async () => {
    const texts = fc.array(fc.constantFrom("", "a", "é🙂", "\u2028", "  ", "\t"), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        async (wanted, end, last, mark, size) => {
          const text = (mark ? "\uFEFF" : "") + wanted.join(end) + (last ? end : "");
          const found: string[] = [];
          for await (const { number, text: line, isUtf8 } of linesOf("x", chunks(text, size))) {
            found.push(line);
            expect(number).toBe(found.length);
            expect(isUtf8).toBe(true);
          }
          const expected = [...wanted];
          if (!last && expected.at(-1) === "") expected.pop();
          if (wanted.length === 0 && last) expected.push("");
          // A file with only a byte order mark has one empty line.
          if (found.length === expected.length + 1) expect(found.pop()).toBe("");
          expect(found).toEqual(expected);
        },
      ),
    );
  });

  test("throws INPUT_UNREADABLE for a missing file and for UTF-16", async () => {
    await expect(readTenants(linesOf("/nowhere/x"), "jsonl", settings)).rejects.toMatchObject({
      code: "INPUT_UNREADABLE",
      message: "/nowhere/x cannot be read: it does not exist (ENOENT).",
    });
    await expect(read(Buffer.from("\uFEFFtenant\n", "utf16le"), "csv")).rejects.toMatchObject({
      code: "INPUT_UNREADABLE",
      details: { reason: "it is UTF-16" },
    });
  });
});

describe("JSON Lines", () => {
  test("skips blank lines and keeps the line numbers", async () => {
    const { tenants, problems: found } = await read(
      `\uFEFF\n${jsonl([ok(1)])}\r\n  \n${jsonl([ok(2)])}`,
      "jsonl",
    );
    expect(found).toEqual([]);
    expect(tenants.map(({ line, input }) => [line, input.tenant])).toEqual([
      [2, "tenant-1"],
      [5, "tenant-2"],
    ]);
  });

  test("produces messages without a period at their end", async () => {
    const placeholder = tenantLine(1, { tenant: "default" });
    const { problems: found } = await read(jsonl([placeholder]), "jsonl");
    expect(found.map(({ message }) => message)).toEqual([expect.stringMatching(/[^.]$/)]);
  });

  test("normalises the input, and computes the digest as the library does", async () => {
    const typed = tenantLine(1, {
      business: { company_name: "  Café  ", industry: "retail", phone: "06 39 98 00 01" },
    });
    const { tenants } = await read(jsonl([typed]), "jsonl");
    expect(tenants[0]?.input.business).toEqual({
      company_name: "Café",
      industry: "retail",
      phone: "+33639980001",
    });
    for (const { input, digest } of tenants) {
      expect(digest).toBe(await digestOf(input));
      expect(digest).toBe(digestOfSync(input));
    }
  });

  test("gives the same digest for a value that is absent, null or empty", async () => {
    const line = (phone: object, url: object): object => ({
      ...tenantLine(1),
      business: { company_name: "Acme", industry: "retail", ...phone },
      knowledge: { documents: [{ title: "Hours", content: "Nine to five", ...url }] },
    });
    const lines = [
      line({}, {}),
      line({ phone: null }, {}),
      line({ phone: "" }, {}),
      line({}, { source_url: null }),
    ];
    const files = lines.map((one) => read(jsonl([one]), "jsonl"));
    const digests = (await Promise.all(files)).map(({ tenants }) => tenants[0]?.digest);
    expect(new Set(digests).size).toBe(1);
  });

  test.each<[string, string | Uint8Array, string[]]>([
    ["broken JSON", `{"tenant":\n${jsonl([ok(1)])}`, ["1 not-json"]],
    [
      "a value that is not an object",
      "[]\n3\nnull\n",
      ["1 not-an-object", "2 not-an-object", "3 not-an-object"],
    ],
    ["an unknown key", jsonl([{ ...tenantLine(1), colour: 1 }]), ["1 colour unknown-key"]],
    [
      "the key __proto__",
      `{"__proto__":{"tenant":"x"},${JSON.stringify(ok(1)).slice(1)}\n`,
      ["1 __proto__ unknown-key"],
    ],
    [
      "several problems of one line",
      jsonl([
        {
          tenant: "",
          user: "a b",
          business: { company_name: " ", industry: "Retail", phone: "12" },
          assistant: { agent_name: "Nia", voice: "robot" },
        },
      ]),
      [
        "1 tenant not-an-identity",
        "1 user not-an-identity",
        "1 business.company_name empty",
        "1 business.industry not-a-sector",
        "1 business.phone phone-too-short",
        "1 assistant.voice not-one-of",
      ],
    ],
    ["not UTF-8", Buffer.from([0x7b, 0xff, 0x0a, 0x7b, 0x7d, 0x0a]), ["1 not-utf8"]],
    [
      "a reserved number",
      jsonl([
        tenantLine(1, {
          business: { company_name: "A", industry: "retail", phone: numberOf(0) },
        }),
      ]),
      ["1 business.phone number-reserved"],
    ],
    [
      "a placeholder tenant",
      jsonl([tenantLine(1, { tenant: "default" })]),
      ["1 placeholder-identity"],
    ],
    [
      "a placeholder tenant, and every other problem of the line",
      jsonl([
        tenantLine(1, {
          tenant: "default",
          business: { company_name: "A", industry: "retail", phone: "12" },
        }),
      ]),
      ["1 placeholder-identity", "1 business.phone phone-too-short"],
    ],
    [
      "a placeholder user",
      jsonl([tenantLine(1, { user: "anonymous" })]),
      ["1 placeholder-identity"],
    ],
  ])("rejects the line with its problem: %s", async (_, text, expected) => {
    const found = await problems(text, "jsonl");
    expect(found.filter((one) => !one.startsWith("2 ") || expected.includes(one))).toEqual(
      expected,
    );
  });
});

test("names the column of a CSV file, and the values that it takes", async () => {
  const header =
    "tenant,user,email,company_name,industry,phone,agent_name,enable_products,document_2_title";
  const { problems: found } = await read(`${header}\na,b,x,C,retail,12,N,ja,T\n`, "csv");
  expect(found.map(({ path, where, message }) => [path, where, message])).toEqual([
    ["start.email", "column email", "is not an e-mail address"],
    ["business.phone", "column phone", "is too short for a phone number"],
    ["assistant.enable_products", "column enable_products", "must be yes or no"],
    ["knowledge.documents.0.content", "column document_content", "is required"],
  ]);
});

test.each([
  [Buffer.from("\uFEFFtenant", "utf16le"), /iconv -f UTF-16 -t UTF-8 tenants > FILE$/],
  [Buffer.from("a\0\0"), /iconv -f UTF-16LE -t UTF-8 tenants > FILE$/],
])("suggests a conversion into a file: %s", async (bytes, hint) => {
  await expect(read(bytes, "csv")).rejects.toMatchObject({ hint: expect.stringMatching(hint) });
});

test("suggests to check the path of a file that does not exist", async () => {
  const found = readTenants(linesOf("/nowhere/tenants.csv"), "csv", settings);
  await expect(found).rejects.toMatchObject({ code: "INPUT_UNREADABLE", hint: "Check the path." });
});

describe("a file with repeated values", () => {
  const same = (n: number, of: number, over: Parameters<typeof tenantLine>[1]): unknown =>
    tenantLine(n, over ?? tenantLine(of));

  test.each<[string, unknown[], string[]]>([
    ["the same line twice", [ok(1), ok(1)], ["2 tenant tenant-twice"]],
    [
      "a tenant twice, with two keys",
      [ok(1), same(2, 1, { tenant: "tenant-1", key: "second" })],
      ["2 tenant tenant-twice"],
    ],
    ["a user of two tenants", [ok(1), same(2, 1, { user: "user-1" })], ["2 user user-twice"]],
    [
      "a number of two tenants, in two notations",
      [
        ok(1),
        tenantLine(2, {
          business: { company_name: "B", industry: "retail", phone: "06.39.98.00.01" },
        }),
      ],
      ["2 business.phone number-twice"],
    ],
    [
      "an address of two tenants, in other case",
      [ok(1), same(2, 1, { start: { email: "Owner1@Example.com" } })],
      ["2 email email-twice"],
    ],
    [
      "an invalid line that is also a duplicate",
      [ok(1), { ...tenantLine(1), colour: "blue" }],
      ["2 colour unknown-key", "2 tenant tenant-twice"],
    ],
    [
      "two lines with different duplicates",
      [
        ok(1),
        same(2, 1, { user: "user-1", start: { email: "owner1@example.com" } }),
        tenantLine(3, { business: { ...tenantLine(1).business } }),
      ],
      ["2 user user-twice", "2 email email-twice", "3 business.phone number-twice"],
    ],
    ["without duplicates", [ok(1), ok(2), ok(3)], []],
    [
      "two tenants without a number",
      [4, 5].map((n) =>
        tenantLine(n, { business: { company_name: "B", industry: "retail", phone: null } }),
      ),
      [],
    ],
  ])("is rejected with line and code: %s", async (_, lines, expected) => {
    expect(await problems(jsonl(lines), "jsonl")).toEqual(expected);
  });

  test("is rejected with a message that names the other line", async () => {
    const { problems: found } = await read(jsonl([ok(1), ok(2), ok(1)]), "jsonl");
    expect(found[0]?.message).toContain("line 1");
    expect(found[0]).toMatchObject({ line: 3, tenant: "tenant-1" });
  });
});

const HEAD = "tenant,user,email,company_name,industry,phone,agent_name,voice";
const row = (n: number): string =>
  `tenant-${n},user-${n},owner${n}@example.com,Maison ${n},retail,${numberOf(n)},Nia,female`;

describe("CSV", () => {
  test("is read into the same input and digest as JSON", async () => {
    const table = await read(
      'tenant,user,key,email,company_name,industry,business_email,phone,agent_type,agent_name,voice,language,enable_appointments,enable_products,document_title,document_content,document_2_title,document_2_source_type,document_2_content\nacme,ada,k1,ada@example.com,"Épicerie ""Zoë"" & Fils",retail,hello@example.com,06 39 98 01 02,customer_support,Nia,male,en-GB,yes,0,Hours,"Nine\r\nto five",More,faq,Really\n',
      "csv",
    );
    const line = {
      tenant: "acme",
      user: "ada",
      key: "k1",
      start: { email: "ada@example.com" },
      business: {
        company_name: 'Épicerie "Zoë" & Fils',
        industry: "retail",
        email: "hello@example.com",
        phone: "+33639980102",
      },
      assistant: {
        agent_type: "customer_support",
        agent_name: "Nia",
        voice: "male",
        language: "en-GB",
        enable_appointments: true,
        enable_products: false,
      },
      knowledge: {
        documents: [
          { title: "Hours", content: "Nine\nto five" },
          { title: "More", source_type: "faq", content: "Really" },
        ],
      },
    };
    const json = await read(jsonl([line]), "jsonl");
    expect(table.problems).toEqual([]);
    expect(json.problems).toEqual([]);
    expect(table.tenants[0]?.input).toEqual(json.tenants[0]?.input);
    expect(table.tenants[0]?.digest).toBe(json.tenants[0]?.digest);
  });

  test.each([
    ["a byte order mark and CR LF", `\uFEFF${HEAD}\r\n${row(1)}\r\n${row(2)}\r\n`],
    ["mixed line ends", `${HEAD}\r\n${row(1)}\n${row(2)}`],
    ["blank lines", `${HEAD}\n\n${row(1)}\n\n\n${row(2)}\n`],
    ["semicolons", `${HEAD}\n${row(1)}\n${row(2)}\n`.replaceAll(",", ";")],
    ["tabs", `${HEAD}\n${row(1)}\n${row(2)}\n`.replaceAll(",", "\t")],
    ["quotes around everything", `${HEAD}\n${row(1)}\n${row(2)}\n`.replaceAll(/[^,\n]+/g, '"$&"')],
    ["spaces around the names of columns", `${HEAD.replaceAll(",", " , ")}\n${row(1)}\n${row(2)}`],
  ])("is read like JSON with %s", async (_, text) => {
    const { tenants, problems: found } = await read(text, "csv", 5);
    expect(found).toEqual([]);
    expect(tenants.map(({ input }) => input.tenant)).toEqual(["tenant-1", "tenant-2"]);
    expect(tenants[1]?.input.business).toMatchObject({ company_name: "Maison 2" });
  });

  test("has correct line numbers after blank lines and values with line ends", async () => {
    const multi = `tenant-1,user-1,,"Maison\r\n1",retail,,Nia,\r\n`;
    const { tenants, problems: found } = await read(
      `${HEAD}\r\n\r\n${multi}${row(2)}\r\n${row(2)}\r\n`,
      "csv",
    );
    expect(tenants.map(({ line }) => line)).toEqual([5, 6]);
    expect(found.map(({ line, code }) => [line, code])).toEqual([
      [3, "unseen-characters"],
      [6, "tenant-twice"],
    ]);
  });

  test("treats an empty value as absent", async () => {
    const { tenants } = await read(`${HEAD}\ntenant-1,user-1,,Maison,retail,,Nia,\n`, "csv");
    const input = tenants[0]?.input;
    expect(input).toMatchObject({ key: "onboard-run", start: {}, knowledge: { documents: [] } });
    expect(input?.business.phone).toBeUndefined();
    expect(input?.assistant.voice).toBeUndefined();
  });

  test.each<[string, string, string[]]>([
    ["an unknown column", `${HEAD},colour\n${row(1)},blue\n`, ["1 columns"]],
    ["a duplicate column", `${HEAD},voice\n${row(1)},male\n`, ["1 columns"]],
    ["the column constructor", `${HEAD},constructor\n${row(1)},x\n`, ["1 columns"]],
    ["a row with too few values", `${HEAD}\n${row(1)}\ntenant-2,user-2\n`, ["3 not-csv"]],
    ["a row with too many values", `${HEAD}\n${row(1)},x\n${row(2)}\n`, ["2 not-csv"]],
    [
      "a quote inside an unquoted value",
      `${HEAD}\nte"nant\n${row(2)}\n${row(3)},x\n`,
      ["2 not-csv", "4 not-csv"],
    ],
    ["a quote that is not closed", `${HEAD}\n${row(1)}\n"tenant-2,x\n${row(3)}\n`, ["3 not-csv"]],
    [
      "a quote that is not closed, after another invalid row",
      `${HEAD}\nte"nant\n"tenant-2,x\n${row(3)}\n`,
      ["2 not-csv", "3 not-csv"],
    ],
    [
      "text after a closing quote, which ends the check",
      `${HEAD}\n${row(1)},x\n"te"nant\n${row(2)},x\n"tenant-3\n`,
      ["2 not-csv", "3 not-csv"],
    ],
    [
      "invalid values, and a value that is the name of an inherited property",
      `${HEAD},enable_products\n${row(1)},constructor\n${row(2).replace(numberOf(2), "12")},yes\n`,
      ["2 assistant.enable_products not-a-flag", "3 business.phone phone-too-short"],
    ],
    [
      "missing columns",
      "tenant,user\na,b\n",
      [
        "2 business.company_name required",
        "2 business.industry required",
        "2 assistant.agent_name required",
      ],
    ],
  ])("is rejected with line and code for %s", async (_, text, expected) => {
    expect(await problems(text, "csv")).toEqual(expected);
  });

  test("is rejected with the line of bytes that are not UTF-8", async () => {
    const bytes = Buffer.from(
      `${HEAD}\n${row(1)}\n${row(2)}\n`.replace("Maison 2", "Caf\u00E9"),
      "latin1",
    );
    expect(await problems(bytes, "csv")).toContain("3 not-utf8");
  });

  test.each(["", "\n", "\uFEFF", "\r\n\r\n", "sep=;", "sep=;\n", "\uFEFFsep=,\r\n"])(
    "is rejected without rows, because it has no header: %j",
    async (text) => {
      expect(await problems(text, "csv")).toEqual(["1 no-header"]);
    },
  );

  test("is rejected if it begins with a tenant, because it has no header", async () => {
    const { problems: found } = await read(`${row(1)}\n${row(2)}\n`, "csv");
    expect(found).toMatchObject([{ line: 1, code: "no-header" }]);
    expect(found[0]?.message).toMatch(
      /first row begins with .*the first row must name the columns/,
    );
  });

  test("is accepted with only a header", async () => {
    for (const text of [HEAD, `${HEAD}\n`, `\uFEFF${HEAD}\r\n`, `sep=,\n${HEAD}\n\n`]) {
      expect(await read(text, "csv")).toEqual({ tenants: [], problems: [], count: 0 });
    }
  });

  test.each([";", ",", "\t", "|"])("has the separator of sep=%s in its first line", async (one) => {
    const table = (text: string): string => text.replaceAll(",", one);
    const plain = await read(`${HEAD}\n${row(1)}\n`, "csv");
    for (const first of [`sep=${one}`, `SEP=${one}`, `"sep=${one}"`, `\uFEFFsep=${one}`]) {
      const found = await read(`${first}\r\n${table(HEAD)}\r\n${table(row(1))}\r\n`, "csv");
      expect(found.problems).toEqual([]);
      expect(found.tenants.map(({ digest }) => digest)).toEqual(
        plain.tenants.map(({ digest }) => digest),
      );
      expect(found.tenants.map(({ line }) => line)).toEqual([3]);
    }
  });

  test("has the separator of sep= although the header contains others", async () => {
    expect(await problems(`sep=;\n${HEAD}\n`, "csv")).toEqual(["2 no-header"]);
  });

  test("is INPUT_UNREADABLE in UTF-16 without a byte order mark", async () => {
    await expect(read(Buffer.from(`${HEAD}\n`, "utf16le"), "csv")).rejects.toMatchObject({
      code: "INPUT_UNREADABLE",
      message: expect.stringContaining("NUL bytes"),
    });
  });
});
