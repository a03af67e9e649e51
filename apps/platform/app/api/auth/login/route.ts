import * as oidc from "openid-client";
import { NextResponse, type NextRequest } from "next/server";
import { cookieOptions, LOGIN_SECONDS, loginCookie, sealLogin } from "@/lib/auth/cookies";
import { callbackUrl, provider } from "@/lib/auth/provider";
import { safeReturnTo } from "@/lib/auth/return-to";
import { env } from "@/lib/env";

/** Starts the code flow with PKCE; what the callback must match rests in a sealed cookie. */
export async function GET(request: NextRequest) {
  const returnTo = safeReturnTo(request.nextUrl.searchParams.get("return"));
  let config: oidc.Configuration;
  try {
    config = await provider();
  } catch {
    return NextResponse.redirect(new URL("/login?problem=provider", env().origin));
  }
  const verifier = oidc.randomPKCECodeVerifier();
  const pending = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier, returnTo };
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: callbackUrl(),
    scope: "openid profile email offline_access",
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  const response = NextResponse.redirect(url);
  response.cookies.set(loginCookie(), await sealLogin(pending), cookieOptions(LOGIN_SECONDS));
  return response;
}
