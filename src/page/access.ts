/** @module The user's credentials. The onboarding link carries them in its fragment, which browsers never send to a server: `#token=…&tenant=…&user=…`. */

export interface Access {
  readonly token: string;
  /** Empty if the token itself names the tenant. */
  readonly tenant: string;
  readonly user: string;
}

/** Null if the fragment contains no token. */
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
