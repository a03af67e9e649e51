/** Chooses the tenant among the caller's memberships; the orchestrator checks it (R13.2). */
export const TENANT_HEADER = "chimera-tenant";
/** Joins what a person did in a page to the logs, traces and audit entries of the call (R14.4). */
export const REQUEST_ID_HEADER = "chimera-request-id";
/** Only a page of this app can set it: a form or an image of another site cannot. */
export const CSRF_HEADER = "x-chimera-platform";

/** A tenant's slug or id, as it stands in URLs. */
export const TENANT_PATTERN = /^[a-z0-9][a-z0-9-]{0,62}$/;
export const REQUEST_ID_PATTERN = /^[A-Za-z0-9_-]{8,64}$/;
