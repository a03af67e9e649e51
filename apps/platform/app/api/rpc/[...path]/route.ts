import type { NextRequest } from "next/server";
import { openSession, sessionCookie } from "@/lib/auth/cookies";
import { sameOrigin } from "@/lib/auth/origin";
import { env } from "@/lib/env";
import { CSRF_HEADER, forwardHeaders, isPlatformMethod, isStream, MAX_BODY, refusal, returnHeaders } from "@/lib/rpc/proxy-rules";

/** A call that answers once ends after this; its caller's own deadline is shorter. Milliseconds. */
const CALL_MS = 60_000;
/** Streams live as long as the orchestrator holds them, at most 15 minutes, and a little more for its goodbye. Milliseconds. */
const STREAM_MS = 16 * 60_000;

/** Passes a page's call to the orchestrator with the person's token, which the browser never holds. */
export async function POST(request: NextRequest, context: RouteContext<"/api/rpc/[...path]">) {
  const { path } = await context.params;
  const method = path.join("/");
  if (!isPlatformMethod(method)) return refusal(404, "not_found", "There is no such method.");
  if (!sameOrigin(request.headers) || request.headers.get(CSRF_HEADER) !== "1") {
    return refusal(403, "permission_denied", "Calls are accepted from the Platform's own pages only.");
  }
  const session = await openSession(request.cookies.get(sessionCookie())?.value, new Date());
  if (!session) return refusal(401, "unauthenticated", "Your session has ended. Sign in again.");
  const body = await readBounded(request, MAX_BODY);
  if (!body) return refusal(413, "resource_exhausted", "The request is too large.");
  const streams = isStream(request.headers);
  try {
    const answer = await fetch(`${env().apiUrl}/${method}`, {
      method: "POST",
      headers: forwardHeaders(request.headers, session.accessToken),
      body,
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(streams ? STREAM_MS : CALL_MS)]),
    });
    return new Response(answer.body, { status: answer.status, headers: returnHeaders(answer.headers, streams) });
  } catch {
    if (request.signal.aborted) return new Response(null, { status: 499 });
    return refusal(503, "unavailable", "The orchestrator cannot be reached. Nothing was changed by this call unless it says so later.");
  }
}

/** Answers undefined once more than max bytes came, without reading the rest. */
async function readBounded(request: NextRequest, max: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (Number(request.headers.get("content-length") ?? 0) > max) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (!next || next.done) break;
    size += next.value.byteLength;
    if (size > max) {
      await reader?.cancel();
      return undefined;
    }
    chunks.push(next.value);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
