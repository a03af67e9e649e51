import "server-only";
import { createHash } from "node:crypto";
import * as oidc from "openid-client";
import type { Session } from "./cookies";
import { provider } from "./provider";

/** Tokens with less than this left are renewed before use. Seconds. */
const MARGIN = 60;
/** How long a renewal answers for the token it used up: requests sent with the old cookie may still come. */
const REMEMBER_MS = 60_000;
const MAX_REMEMBERED = 5_000;

const renewals = new Map<string, Promise<Session | undefined>>();

export function needsRenewal(s: Session, now: Date): boolean {
  return s.accessExpires - now.getTime() / 1000 < MARGIN;
}

/**
 * Trades the refresh token for new tokens; undefined when the provider refuses, so the person signs in again.
 * Refresh tokens rotate, and a provider treats a second use as theft: requests that come at once share one renewal.
 */
export function renew(s: Session, now: Date): Promise<Session | undefined> {
  if (!s.refreshToken) return Promise.resolve(undefined);
  const key = createHash("sha256").update(s.refreshToken).digest("base64url");
  const running = renewals.get(key);
  if (running) return running;
  if (renewals.size >= MAX_REMEMBERED) renewals.clear();
  const renewal = trade(s, s.refreshToken, now);
  renewals.set(key, renewal);
  renewal.then(
    () => setTimeout(() => renewals.delete(key), REMEMBER_MS).unref(),
    () => renewals.delete(key),
  );
  return renewal;
}

async function trade(s: Session, refreshToken: string, now: Date): Promise<Session | undefined> {
  try {
    const tokens = await oidc.refreshTokenGrant(await provider(), refreshToken);
    return {
      ...s,
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token ?? refreshToken,
      idToken: tokens.id_token ?? s.idToken,
      accessExpires: now.getTime() / 1000 + (tokens.expires_in ?? 300),
    };
  } catch (error) {
    if (error instanceof oidc.ResponseBodyError) return undefined;
    throw error;
  }
}
