"use client";
import Link from "next/link";
import { Loaded } from "@/components/panel/loaded";
import { Panel } from "@/components/panel/panel";
import { useStatus } from "@/components/shell/use-status";
import { cn } from "@/components/ui/classes";
import { Dot, Skeleton } from "@/components/ui/small";
import { useTenantPath } from "@/lib/session/tenant";
import { span } from "@/lib/time/relative";

/** What waits for a person, each a link to where it is settled; then the queues and parts. */
export function FleetStatus() {
  const status = useStatus();
  const path = useTenantPath();
  return (
    <Loaded query={status} skeleton={<Skeleton className="h-24" />}>
      {(s) => {
        const needs = [
          { label: "reviews wait", count: s.openReviews, href: "reviews" },
          { label: "outcomes unknown", count: s.unknownEffects, href: "posts" },
          { label: "dead letters", count: s.openDeadLetters, href: "dead-letters" },
          { label: "tools changed", count: s.changedTools, href: "system" },
        ];
        return (
          <div className="grid gap-4">
            <ul className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line lg:grid-cols-4">
              {needs.map((n) => (
                <li key={n.href + n.label} className="bg-surface">
                  <Link href={path(n.href)} className="block px-4 py-3 hover:bg-hover">
                    <span className={cn("block text-xl font-semibold", n.count > 0 ? "text-wait" : "text-muted")}>{n.count.toLocaleString("en")}</span>
                    <span className="text-muted">{n.label}</span>
                  </Link>
                </li>
              ))}
            </ul>
            <div className="grid gap-4 lg:grid-cols-2">
              <Panel title="Queues" aside={<span className="text-muted">oldest ready {span(Number(s.oldestReadySeconds))}</span>}>
                <ul className="divide-y divide-line">
                  {s.queues.map((q) => <li key={q.state} className="flex justify-between px-3 py-1.5"><span>{q.state.replaceAll("_", " ")}</span><span>{Number(q.tasks).toLocaleString("en")}</span></li>)}
                </ul>
              </Panel>
              <Panel title="Parts">
                <ul className="divide-y divide-line">
                  {s.parts.map((p) => <li key={p.part} className="flex items-center gap-2 px-3 py-1.5"><Dot tone={p.ok ? "ok" : "bad"} /><span className="font-medium">{p.part}</span><span className="min-w-0 truncate text-muted">{p.detail || (p.ok ? "answers" : "does not answer")}</span></li>)}
                </ul>
              </Panel>
            </div>
          </div>
        );
      }}
    </Loaded>
  );
}
