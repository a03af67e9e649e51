"use client";
import type { GetSystemStatusResponse } from "@chimera/gen/chimera/platform/v1/system_service_pb";
import { Check, CircleCheck } from "lucide-react";
import Link from "next/link";
import { Loaded } from "@/components/panel/loaded";
import { Panel } from "@/components/panel/panel";
import { RelativeTime } from "@/components/panel/relative-time";
import { useStatus } from "@/components/shell/use-status";
import { cn } from "@/components/ui/classes";
import { Skeleton, type Tone } from "@/components/ui/small";
import { useTenantPath } from "@/lib/session/tenant";
import { needsOf } from "./needs";

const words: Record<Tone, string> = { wait: "text-wait", active: "text-active", ok: "text-ok", bad: "text-bad", unknown: "text-unknown", off: "text-muted" };
const edges: Record<Tone, string> = { wait: "before:bg-wait", active: "before:bg-active", ok: "before:bg-ok", bad: "before:bg-bad", unknown: "before:bg-unknown", off: "before:bg-line" };

/** What waits for a person, each a link to where it is settled. */
export function NeedsHuman() {
  return (
    <Panel title="Needs a human">
      <Loaded query={useStatus()} skeleton={<Skeleton className="m-3 h-24" />}>{(status) => <Needs status={status} />}</Loaded>
    </Panel>
  );
}

/** What there is of large, what there is not in one line: a calm fleet is a short panel. */
function Needs({ status }: { status: GetSystemStatusResponse }) {
  const path = useTenantPath();
  const needs = needsOf(status);
  const open = needs.filter((n) => n.count > 0);
  const calm = needs.filter((n) => n.count === 0);
  return (
    <>
      {open.length === 0 ? <p role="status" className="flex items-center gap-2 px-4 py-3 text-base font-medium text-ok"><CircleCheck className="size-5" aria-hidden />Nobody is waited for.</p> : (
        <ul className="grid gap-px overflow-hidden bg-line sm:grid-cols-2 lg:grid-cols-[repeat(auto-fit,minmax(11rem,1fr))]">
          {open.map((n) => (
            <li key={n.key} className={cn("relative min-w-0 bg-surface before:absolute before:inset-y-0 before:left-0 before:w-[3px]", edges[n.tone])}>
              <Link href={path(n.href)} className="flex h-full items-center gap-3 px-4 py-3 hover:bg-hover">
                <n.icon className={cn("size-5 shrink-0", words[n.tone])} aria-hidden />
                <span className="min-w-0">
                  <span className="flex items-baseline gap-1.5"><span className={cn("text-xl font-semibold tabular-nums", words[n.tone])}>{n.count.toLocaleString("en")}</span><span className="font-medium">{n.label}</span></span>
                  <span className="block truncate text-xs text-muted">{n.key === "reviews" && status.oldestReviewAt ? <>oldest asked <RelativeTime at={status.oldestReviewAt} /></> : n.detail}</span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {calm.length > 0 ? (
        <ul className="flex flex-wrap gap-x-4 border-t border-line px-4 py-1.5 text-xs text-muted max-sm:py-0">
          {calm.map((n) => <li key={n.key}><Link href={path(n.href)} className="inline-flex items-center gap-1 hover:text-text max-sm:min-h-11"><Check className="size-3 text-ok" aria-hidden />0 {n.label}</Link></li>)}
        </ul>
      ) : null}
    </>
  );
}
