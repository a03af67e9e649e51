"use client";
import { CampaignState } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import Link from "next/link";
import type { ReactNode } from "react";
import { Loaded } from "@/components/panel/loaded";
import { Panel } from "@/components/panel/panel";
import { useStatus } from "@/components/shell/use-status";
import { Dot, Skeleton, type Tone } from "@/components/ui/small";
import { useCampaigns } from "@/lib/fleet/use-fleet";
import { useTenantPath } from "@/lib/session/tenant";
import { span } from "@/lib/time/relative";

/** Tasks that nobody has begun; running ones are in hand. */
const waiting = new Set(["ready", "queued"]);
const working = new Set(["running", "judging"]);

/** How the fleet does, in four figures, each a link to its page. */
export function Gauges() {
  const path = useTenantPath();
  const campaigns = [...useCampaigns().values()];
  const running = campaigns.filter((c) => c.state === CampaignState.RUNNING).length;
  return (
    <Panel title="Now">
      <Loaded query={useStatus()} skeleton={<Skeleton className="m-3 h-16" />}>
        {(s) => {
          const sum = (states: ReadonlySet<string>) => s.queues.filter((q) => states.has(q.state)).reduce((n, q) => n + Number(q.tasks), 0);
          const backlog = sum(waiting);
          const down = s.parts.filter((p) => !p.ok);
          return (
            <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-b-lg bg-line lg:grid-cols-4">
              <Gauge href={path("system")} name="Backlog" tone={backlog > 0 ? "active" : "off"} value={backlog.toLocaleString("en")} detail={backlog > 0 ? `oldest for ${span(Number(s.oldestReadySeconds))}` : "nothing waits to begin"} />
              <Gauge href={path("system")} name="In work" tone={sum(working) > 0 ? "active" : "off"} value={sum(working).toLocaleString("en")} detail="tasks running or judged" />
              <Gauge href={path("campaigns?state=running")} name="Campaigns running" tone={running > 0 ? "active" : "off"} value={running.toLocaleString("en")} detail={`of ${campaigns.length.toLocaleString("en")}`} />
              <Gauge href={path("system")} name="Parts" tone={down.length > 0 ? "bad" : "ok"} value={`${s.parts.length - down.length} of ${s.parts.length}`} detail={down.length > 0 ? `degraded: ${down.map((p) => p.part).join(", ")}` : "all answer"} />
            </dl>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function Gauge({ href, name, value, detail, tone }: { href: string; name: string; value: ReactNode; detail: string; tone: Tone }) {
  return (
    <div className="relative min-w-0 bg-surface px-4 py-3 hover:bg-hover">
      <dt className="flex items-center gap-1.5 text-muted"><Dot tone={tone} /><Link href={href} className="after:absolute after:inset-0">{name}</Link></dt>
      <dd><span className="block text-lg font-semibold tabular-nums">{value}</span><span className="block truncate text-xs text-muted">{detail}</span></dd>
    </div>
  );
}
