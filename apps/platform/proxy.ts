import { NextResponse, type NextRequest } from "next/server";
import { cookieOptions, openSession, sealSession, sessionCookie } from "@/lib/auth/cookies";
import { needsRenewal, renew } from "@/lib/auth/renew";
import { contentSecurityPolicy, SECURITY_HEADERS } from "@/lib/auth/security-headers";

/**
 * Runs before every page and call: renews the token while it can still set the cookie, and gives each page its
 * nonce. This is the only place that renews, since pages cannot write cookies.
 */
export default async function proxy(request: NextRequest) {
  const headers = new Headers(request.headers);
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64");
  const policy = contentSecurityPolicy(nonce);
  // Next reads the nonce out of this header and puts it on its own scripts.
  headers.set("content-security-policy", policy);
  headers.set("x-nonce", nonce);
  headers.set("x-chimera-path", request.nextUrl.pathname + request.nextUrl.search);
  const cookie = await renewedCookie(request);
  if (cookie !== undefined) headers.set("cookie", withCookie(request, sessionCookie(), cookie.value));
  const response = NextResponse.next({ request: { headers } });
  if (cookie !== undefined) response.cookies.set(sessionCookie(), cookie.value, cookieOptions(cookie.maxAge));
  response.headers.set("content-security-policy", policy);
  for (const [name, value] of SECURITY_HEADERS) response.headers.set(name, value);
  return response;
}

/** Answers the cookie to set, empty when the provider ended the session; undefined when it stays as it is. */
async function renewedCookie(request: NextRequest): Promise<{ value: string; maxAge: number } | undefined> {
  const now = new Date();
  const session = await openSession(request.cookies.get(sessionCookie())?.value, now);
  if (!session || !needsRenewal(session, now)) return undefined;
  try {
    const fresh = await renew(session, now);
    if (!fresh) return { value: "", maxAge: 0 };
    return { value: await sealSession(fresh), maxAge: Math.floor(fresh.sessionExpires - now.getTime() / 1000) };
  } catch {
    // The provider is away for a moment: the old token may hold a little longer, and the next request tries again.
    return undefined;
  }
}

function withCookie(request: NextRequest, name: string, value: string): string {
  const others = request.cookies.getAll().filter((c) => c.name !== name);
  return [...others, { name, value }].map((c) => `${c.name}=${c.value}`).join("; ");
}

export const config = {
  matcher: ["/((?!_next/static|_next/image|icon.svg|api/health).*)"],
};
