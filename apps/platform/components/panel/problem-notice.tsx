"use client";
import { Reason } from "@chimera/gen/chimera/type/v1/error_pb";
import { ExternalLink, TriangleAlert } from "lucide-react";
import { usePathname, useSearchParams } from "next/navigation";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/classes";
import { useLogsUrl } from "@/lib/logs/logs-url";
import { problemOf, type Problem } from "@/lib/rpc/errors";
import { CopyButton } from "./copy-button";

/** What went wrong, what to do, and the request id for support. */
export function ProblemNotice({ error, ...rest }: { error: unknown; onRetry?: () => void; className?: string }) {
  return <ProblemCard problem={problemOf(error)} {...rest} />;
}

export function ProblemCard({ problem, onRetry, className }: { problem: Problem; onRetry?: () => void; className?: string }) {
  return (
    <div role="alert" className={cn("flex gap-2.5 rounded-md border border-bad/30 bg-bad-soft p-3", className)}>
      <TriangleAlert className="mt-0.5 size-4 shrink-0 text-bad" aria-hidden />
      <div className="grid min-w-0 flex-1 gap-1">
        <p className="font-semibold text-bad">{problem.title}</p>
        {problem.detail ? <p className="break-words first-letter:uppercase">{problem.detail}</p> : null}
        <p className="text-text/85">{problem.advice}{problem.retryAfterSeconds ? ` It may work again in ${problem.retryAfterSeconds} s.` : ""}</p>
        <div className="flex flex-wrap items-center gap-2 pt-1">
          {problem.reason === Reason.UNAUTHENTICATED ? <SignInAgain /> : onRetry ? <Button size="sm" onClick={onRetry}>Try again</Button> : null}
          {problem.requestId ? <RequestId id={problem.requestId} /> : null}
        </div>
      </div>
    </div>
  );
}

/** A request's id to copy, and the way to its logs where there is one (R14.4). */
export function RequestId({ id, bare = false }: { id: string; bare?: boolean }) {
  const logs = useLogsUrl(id);
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2">
      <CopyButton value={id} label="request id"><span className="text-xs">{bare ? "" : "request "}<span className="font-mono break-all">{id}</span></span></CopyButton>
      {logs ? <a href={logs} target="_blank" rel="noreferrer noopener" className="inline-flex min-h-6 items-center gap-1 text-xs text-accent underline underline-offset-2">Logs<ExternalLink className="size-3" aria-label="open in a new tab" /></a> : null}
    </span>
  );
}

function SignInAgain() {
  const here = `${usePathname()}?${useSearchParams()}`;
  return <Button size="sm" variant="primary" asChild><a href={`/api/auth/login?return=${encodeURIComponent(here)}`}>Sign in again</a></Button>;
}
