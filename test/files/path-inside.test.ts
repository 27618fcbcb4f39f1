import { join } from "node:path";
import { expect, test } from "vitest";
import { pathInside } from "../../src/files/path-inside.ts";

const folder = join("/srv", "shop");

test.each<[string, string | null]>([
  [join(folder, "tenants.csv"), "tenants.csv"],
  [join(folder, "data", "tenants.csv"), "data/tenants.csv"],
  [join(folder, "..tenants.csv"), "..tenants.csv"],
  ["/srv/tenants.csv", null],
  ["/srv/shop-2/tenants.csv", null],
])("the path of %s inside the folder is %s", (file, inside) => {
  expect(pathInside(folder, file)).toBe(inside);
});
