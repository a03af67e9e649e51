"use client";
import { Reason } from "@chimera/gen/chimera/type/v1/error_pb";
import { TriangleAlert } from "lucide-react";
import { usePathname, useSearchParams } from "next/navigation";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/classes";
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

export function RequestId({ id }: { id: string }) {
  return <CopyButton value={id} label="request id"><span className="text-xs">request <span className="font-mono">{id}</span></span></CopyButton>;
}

function SignInAgain() {
  const here = `${usePathname()}?${useSearchParams()}`;
  return <Button size="sm" variant="primary" asChild><a href={`/api/auth/login?return=${encodeURIComponent(here)}`}>Sign in again</a></Button>;
}
