import "server-only";
import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { openSession, sessionCookie, type Session } from "./cookies";

/** The signed-in person's session for this request. proxy.ts renewed its token before anything here ran. */
export const currentSession = cache(async (): Promise<Session | undefined> => {
  return openSession((await cookies()).get(sessionCookie())?.value, new Date());
});

/** Sends whoever is not signed in to the provider, and back to the page they wanted. */
export async function requireSession(): Promise<Session> {
  const session = await currentSession();
  if (session) return session;
  const wanted = (await headers()).get("x-chimera-path") ?? "/";
  redirect(`/login?return=${encodeURIComponent(wanted)}`);
}
