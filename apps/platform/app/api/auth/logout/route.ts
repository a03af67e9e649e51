import * as oidc from "openid-client";
import { NextResponse, type NextRequest } from "next/server";
import { cookieOptions, openSession, sessionCookie } from "@/lib/auth/cookies";
import { sameOrigin } from "@/lib/auth/origin";
import { provider } from "@/lib/auth/provider";
import { env } from "@/lib/env";

/** Ends the session here and at the provider. A form posts here, so that no link or image can sign people out. */
export async function POST(request: NextRequest) {
  if (!sameOrigin(request.headers)) return new NextResponse("Sign out from the Platform's own page.", { status: 403 });
  const session = await openSession(request.cookies.get(sessionCookie())?.value, new Date());
  const back = `${env().origin}/login?problem=signed-out`;
  let target = new URL(back);
  try {
    const config = await provider();
    if (session?.refreshToken) await oidc.tokenRevocation(config, session.refreshToken);
    if (session?.idToken && config.serverMetadata().end_session_endpoint) {
      target = oidc.buildEndSessionUrl(config, { id_token_hint: session.idToken, post_logout_redirect_uri: back });
    }
  } catch {
    // The provider is away: the session here ends all the same.
  }
  const response = NextResponse.redirect(target, 303);
  response.cookies.set(sessionCookie(), "", cookieOptions(0));
  return response;
}
