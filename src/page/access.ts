/**
 * Who the page speaks for. It comes with the link, behind the `#` that no server and no log sees: `#token=…&tenant=…&user=…`.
 * @module
 */

export interface Access {
  readonly token: string;
  /** Empty: the token says it. */
  readonly tenant: string;
  readonly user: string;
}

/** Null where the address brings none. */
export function accessIn(fragment: string): Access | null {
  const parts = new URLSearchParams(fragment.replace(/^#/, ""));
  const token = parts.get("token")?.trim() ?? "";
  if (token === "") return null;
  return { token, tenant: parts.get("tenant") ?? "", user: parts.get("user") ?? "" };
}

export function headersOf({ token, tenant, user }: Access): Record<string, string> {
  return {
    authorization: `Bearer ${token}`,
    ...(tenant === "" ? {} : { "x-tenant-id": tenant }),
    ...(user === "" ? {} : { "x-user-id": user }),
  };
}
