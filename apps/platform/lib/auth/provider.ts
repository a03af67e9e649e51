import "server-only";
import * as oidc from "openid-client";
import { env } from "@/lib/env";

let known: Promise<oidc.Configuration> | undefined;

/** The provider's configuration, discovered once; a failed discovery is tried again by the next caller. */
export function provider(): Promise<oidc.Configuration> {
  known ??= discover().catch((error: unknown) => {
    known = undefined;
    throw error;
  });
  return known;
}

function discover(): Promise<oidc.Configuration> {
  const e = env();
  const options: oidc.DiscoveryRequestOptions = { timeout: 10 };
  // Only a provider on this machine may be spoken to without TLS.
  if (e.issuer.protocol === "http:" && (["127.0.0.1", "localhost", "[::1]"].includes(e.issuer.hostname) || e.issuer.hostname.endsWith(".localhost"))) {
    options.execute = [oidc.allowInsecureRequests];
  }
  return oidc.discovery(e.issuer, e.clientId, undefined, oidc.ClientSecretBasic(e.clientSecret), options);
}

export const callbackUrl = () => `${env().origin}/api/auth/callback`;
