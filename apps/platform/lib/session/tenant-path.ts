/** A path inside a tenant: tenantPath("acme", "reviews") is /t/acme/reviews. */
export const tenantPath = (tenant: string, path: string) => `/t/${tenant}${path ? `/${path}` : ""}`;
