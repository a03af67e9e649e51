import type { ErrorInfo } from "@chimera/gen/chimera/type/v1/error_pb";
import { TriangleAlert } from "lucide-react";
import { RequestId } from "@/components/panel/problem-notice";
import { Reason } from "@chimera/gen/chimera/type/v1/error_pb";
import { reasonTexts } from "@/lib/rpc/reasons";

/** Why work failed, in the words every page uses for that reason, and what to do. */
export function ErrorLine({ error }: { error: ErrorInfo }) {
  const text = reasonTexts[error.reason] ?? reasonTexts[Reason.INTERNAL];
  return (
    <div className="flex gap-2 rounded-md border border-bad/30 bg-bad-soft p-2.5">
      <TriangleAlert className="mt-0.5 size-4 shrink-0 text-bad" aria-hidden />
      <div className="min-w-0">
        <p className="font-semibold text-bad">{text.title}</p>
        {error.message ? <p className="break-words first-letter:uppercase">{error.message}</p> : null}
        <p className="text-text/85">{text.advice}</p>
        {error.requestId ? <div className="-ml-1 pt-0.5"><RequestId id={error.requestId} /></div> : null}
      </div>
    </div>
  );
}
