import "server-only";
import { env } from "@/lib/env";

const development = process.env.NODE_ENV === "development";

/** Scripts run only with this response's nonce; style attributes are allowed since layout needs them. */
export function contentSecurityPolicy(nonce: string): string {
  const e = env();
  return [
    "default-src 'none'",
    // The bundler's development runtime evaluates code; production's does not.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    development ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    `img-src 'self' data: ${e.imageSources}`,
    "font-src 'self'",
    `connect-src 'self'${development ? " ws:" : ""}`,
    // Signing in and out are forms or redirects that end at the provider.
    `form-action 'self' ${e.issuer.origin}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "manifest-src 'self'",
    ...(e.secure ? ["upgrade-insecure-requests"] : []),
  ].join("; ");
}

export const SECURITY_HEADERS: [string, string][] = [
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  // Addresses hold tenants' names and object ids: other sites never see them. Not no-referrer: under it browsers send
  // our own forms with "Origin: null", and signing out would be refused.
  ["referrer-policy", "same-origin"],
  ["permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"],
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "same-origin"],
];
if (process.env.CHIMERA_PLATFORM_URL?.startsWith("https:")) {
  SECURITY_HEADERS.push(["strict-transport-security", "max-age=31536000; includeSubDomains"]);
}
