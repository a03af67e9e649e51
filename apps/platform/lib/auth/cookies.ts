import "server-only";
import { sealData, unsealData } from "iron-session";
import { z } from "zod";
import { env } from "@/lib/env";

/** A person is asked to sign in again after this long, however often the tokens were renewed. Seconds. */
export const SESSION_SECONDS = 12 * 3600;
export const LOGIN_SECONDS = 600;

const session = z.object({
  subject: z.string().min(1),
  name: z.string(),
  accessToken: z.string().min(1),
  refreshToken: z.string().optional(),
  // For the provider's logout, so that it need not ask who is leaving.
  idToken: z.string().optional(),
  /** Unix seconds. */
  accessExpires: z.number(),
  sessionExpires: z.number(),
});
export type Session = z.infer<typeof session>;

const login = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), returnTo: z.string() });
export type PendingLogin = z.infer<typeof login>;

// __Host- pins a cookie to this host and to TLS; browsers refuse the prefix on plain http, as in development.
export const sessionCookie = () => (env().secure ? "__Host-chimera-session" : "chimera-session");
export const loginCookie = () => (env().secure ? "__Host-chimera-login" : "chimera-login");

export function cookieOptions(maxAge: number) {
  return { httpOnly: true, secure: env().secure, sameSite: "lax" as const, path: "/", maxAge };
}

/** Browsers drop cookies above this, silently. Bytes. */
const COOKIE_LIMIT = 4000;

export async function sealSession(s: Session): Promise<string> {
  const seal = (data: Session) => sealData(data, { password: env().sessionSecret, ttl: SESSION_SECONDS });
  const sealed = await seal(s);
  if (sealed.length <= COOKIE_LIMIT) return sealed;
  const smaller = await seal({ ...s, idToken: undefined });
  if (smaller.length <= COOKIE_LIMIT) return smaller;
  throw new Error("The provider's tokens do not fit into a cookie; have it issue smaller access tokens.");
}

/** Answers undefined for a cookie that is absent, forged, of another key, or of a session that has ended. */
export async function openSession(sealed: string | undefined, now: Date): Promise<Session | undefined> {
  const parsed = session.safeParse(await open(sealed, SESSION_SECONDS));
  return parsed.success && parsed.data.sessionExpires > now.getTime() / 1000 ? parsed.data : undefined;
}

export function sealLogin(l: PendingLogin): Promise<string> {
  return sealData(l, { password: env().sessionSecret, ttl: LOGIN_SECONDS });
}

export async function openLogin(sealed: string | undefined): Promise<PendingLogin | undefined> {
  const parsed = login.safeParse(await open(sealed, LOGIN_SECONDS));
  return parsed.success ? parsed.data : undefined;
}

async function open(sealed: string | undefined, ttl: number): Promise<unknown> {
  if (!sealed) return undefined;
  try {
    return await unsealData(sealed, { password: env().sessionSecret, ttl });
  } catch {
    return undefined;
  }
}
