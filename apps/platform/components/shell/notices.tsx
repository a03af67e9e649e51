"use client";
import { CircleAlert } from "lucide-react";
import Link from "next/link";
import { useTenantPath } from "@/lib/session/tenant";
import { span } from "@/lib/time/relative";
import { StaleNotice } from "./stale-notice";
import { useStatus } from "./use-status";

/** From here on a person notices that new work starts late. */
const OLDEST_SECONDS = 120;
const DEEP_QUEUE = 500;

/** Across the page's top, worst first. */
export function Notices() {
  return <><StaleNotice /><WorkNotice /></>;
}

/** Says when work waits or a part is down, and that decisions are not held up by it (R12.5). */
function WorkNotice() {
  const status = useStatus().data;
  const path = useTenantPath();
  if (!status) return null;
  const waiting = status.queues.filter((q) => q.state === "ready" || q.state === "queued").reduce((sum, q) => sum + Number(q.tasks), 0);
  const oldest = Number(status.oldestReadySeconds);
  const down = status.parts.filter((p) => !p.ok);
  const deep = oldest > OLDEST_SECONDS || waiting > DEEP_QUEUE;
  if (!deep && down.length === 0) return null;
  return (
    <div role="status" className="flex items-start gap-2 border-b border-wait/25 bg-wait-soft px-4 py-1.5 text-wait">
      <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
      <p>
        {deep ? <><strong>{waiting.toLocaleString("en")} tasks wait</strong>, the oldest for {span(oldest)}. Reviews, stops and changes are not held up. </> : null}
        {down.length > 0 ? <><strong>Degraded: {down.map((p) => p.part).join(", ")}.</strong> {down[0]?.detail} </> : null}
        <Link href={path("system")} className="font-medium underline underline-offset-2">See System</Link>
      </p>
    </div>
  );
}
