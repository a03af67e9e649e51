import "server-only";
import { CSRF_HEADER, REQUEST_ID_HEADER, REQUEST_ID_PATTERN, TENANT_HEADER, TENANT_PATTERN } from "./headers";

export { CSRF_HEADER };

/** As the orchestrator bounds one message. Bytes. */
export const MAX_BODY = 4 << 20;

const METHOD = /^chimera\.platform\.v1\.[A-Z][A-Za-z]{1,40}Service\/[A-Z][A-Za-z]{1,60}$/;

export const isPlatformMethod = (path: string) => METHOD.test(path);

// Both ways an allow-list: cookies, credentials and hop-by-hop headers never pass, known or not.
const FORWARDED = ["content-type", "accept", "connect-protocol-version", "connect-timeout-ms"];
const RETURNED = ["content-type", "retry-after", REQUEST_ID_HEADER];

export function forwardHeaders(from: Headers, token: string): Headers {
  const out = new Headers({ authorization: `Bearer ${token}` });
  for (const name of FORWARDED) copy(from, out, name, /^[\x20-\x7e]{1,200}$/);
  copy(from, out, TENANT_HEADER, TENANT_PATTERN);
  copy(from, out, REQUEST_ID_HEADER, REQUEST_ID_PATTERN);
  return out;
}

/** Connect tells streams by their content type: application/connect+json, where a single answer has application/json. */
export const isStream = (headers: Headers) => headers.get("content-type")?.startsWith("application/connect+") ?? false;

export function returnHeaders(from: Headers, stream: boolean): Headers {
  const out = new Headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
  if (stream) {
    // Whatever compresses or buffers would hold a hint back until the next one fills its block.
    out.set("cache-control", "no-store, no-transform");
    out.set("x-accel-buffering", "no");
  }
  for (const name of RETURNED) copy(from, out, name, /^[\x20-\x7e]{1,500}$/);
  return out;
}

function copy(from: Headers, to: Headers, name: string, allowed: RegExp) {
  const value = from.get(name);
  if (value !== null && allowed.test(value)) to.set(name, value);
}

/** A refusal in Connect's own form, so that clients read it as any other error. */
export function refusal(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status, headers: { "cache-control": "no-store" } });
}
