import * as oidc from "openid-client";
import { NextResponse, type NextRequest } from "next/server";
import { cookieOptions, loginCookie, openLogin, sealSession, sessionCookie, SESSION_SECONDS } from "@/lib/auth/cookies";
import { callbackUrl, provider } from "@/lib/auth/provider";
import { env } from "@/lib/env";

/** Ends the code flow: state, nonce and PKCE are checked by the library, and the tokens go into the sealed cookie. */
export async function GET(request: NextRequest) {
  const pending = await openLogin(request.cookies.get(loginCookie())?.value);
  if (!pending) return failed("expired");
  const now = Date.now() / 1000;
  try {
    // The address as registered, not as some proxy in front of us wrote it.
    const current = new URL(callbackUrl());
    current.search = request.nextUrl.search;
    const tokens = await oidc.authorizationCodeGrant(await provider(), current, {
      pkceCodeVerifier: pending.verifier,
      expectedState: pending.state,
      expectedNonce: pending.nonce,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (!claims) return failed("refused");
    const sealed = await sealSession({
      subject: claims.sub,
      name: String(claims.name ?? claims.email ?? claims.sub),
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token,
      idToken: tokens.id_token,
      accessExpires: now + (tokens.expires_in ?? 300),
      sessionExpires: now + SESSION_SECONDS,
    });
    const response = NextResponse.redirect(new URL(pending.returnTo, env().origin));
    response.cookies.set(sessionCookie(), sealed, cookieOptions(SESSION_SECONDS));
    response.cookies.set(loginCookie(), "", cookieOptions(0));
    return response;
  } catch {
    // The cause may hold codes or tokens, so it is not logged (R14.5); the person can only try again.
    return failed("refused");
  }
}

function failed(problem: "expired" | "refused") {
  const response = NextResponse.redirect(new URL(`/login?problem=${problem}`, env().origin));
  response.cookies.set(loginCookie(), "", cookieOptions(0));
  return response;
}
