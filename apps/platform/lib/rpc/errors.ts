import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema, Reason } from "@chimera/gen/chimera/type/v1/error_pb";
import { REQUEST_ID_HEADER } from "./headers";
import { reasonTexts } from "./reasons";

/** What a person needs to know of a failed call. */
export type Problem = {
  reason: Reason;
  title: string;
  /** What to do. */
  advice: string;
  /** The server's own sentence about this case, where it says more than the title. */
  detail?: string;
  requestId?: string;
  retryAfterSeconds?: number;
};

// For answers that did not come from the orchestrator, such as our proxy's own refusals.
const byCode: Partial<Record<Code, Reason>> = {
  [Code.Unauthenticated]: Reason.UNAUTHENTICATED,
  [Code.PermissionDenied]: Reason.PERMISSION_DENIED,
  [Code.NotFound]: Reason.NOT_FOUND,
  [Code.InvalidArgument]: Reason.INVALID,
  [Code.Unavailable]: Reason.UNAVAILABLE,
  [Code.DeadlineExceeded]: Reason.TIMEOUT,
  [Code.Canceled]: Reason.CANCELLED,
  [Code.ResourceExhausted]: Reason.TOO_LARGE,
  [Code.Internal]: Reason.INTERNAL,
};

/** Reads any error into a Problem; the reason decides the words, never the message. */
export function problemOf(error: unknown): Problem {
  const e = ConnectError.from(error);
  const info = e.findDetails(ErrorInfoSchema)[0];
  // A failed fetch is "unknown" to Connect: the browser could not reach us at all.
  const fallback = e.code === Code.Unknown && error instanceof TypeError ? Reason.UNAVAILABLE : (byCode[e.code] ?? Reason.INTERNAL);
  const reason = info?.reason || fallback;
  const text = reasonTexts[reason] ?? reasonTexts[Reason.INTERNAL];
  return {
    reason,
    ...text,
    detail: info?.message || (e.rawMessage && reason !== Reason.INTERNAL ? e.rawMessage : undefined),
    requestId: info?.requestId || e.metadata.get(REQUEST_ID_HEADER) || undefined,
    retryAfterSeconds: info?.retryAfter ? Math.max(1, Number(info.retryAfter.seconds)) : undefined,
  };
}

export const isReason = (error: unknown, ...reasons: Reason[]) => reasons.includes(problemOf(error).reason);
