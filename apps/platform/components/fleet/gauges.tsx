"use client";
import type { GetSystemStatusResponse } from "@chimera/gen/chimera/platform/v1/system_service_pb";
import Link from "next/link";
import type { ReactNode } from "react";
import { moneyOf } from "@/lib/money";
import { Meter } from "@/components/chart/meter";
import { StackBar } from "@/components/chart/stack-bar";
import { Loaded } from "@/components/panel/loaded";
import { useStatus } from "@/components/shell/use-status";
import { Skeleton } from "@/components/ui/small";
import { useTenantPath } from "@/lib/session/tenant";
import { span } from "@/lib/time/relative";
import { HeadroomGauge } from "./headroom";

/** How the fleet does, as pictures with their numbers; each leads to its page. */
export function Gauges() {
  return (
    <section aria-label="How the fleet does">
      <Loaded query={useStatus()} skeleton={<div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3 xl:grid-cols-5">{Array.from({ length: 5 }, (_, i) => <Skeleton key={i} className="h-28" />)}</div>}>
        {(s) => (
          <div className="grid grid-cols-[minmax(0,1fr)] gap-3 sm:grid-cols-2 lg:grid-cols-6 xl:grid-cols-5">
            <Backlog s={s} />
            <Outcomes s={s} />
            <Verdicts s={s} />
            <Spend s={s} />
            <HeadroomGauge headroom={s.headroom} />
          </div>
        )}
      </Loaded>
    </section>
  );
}

type Props = { s: GetSystemStatusResponse };

function Backlog({ s }: Props) {
  const count = (...states: string[]) => s.queues.filter((q) => states.includes(q.state)).reduce((n, q) => n + Number(q.tasks), 0);
  const waiting = count("ready", "queued");
  const age = Number(s.oldestReadySeconds);
  return (
    <Gauge name="Backlog" href="system" value={waiting.toLocaleString("en")} detail={waiting > 0 ? `oldest waits ${span(age)}` : "nothing waits to begin"}>
      <StackBar label="Tasks in hand" parts={[
        { label: "waiting", value: waiting, tone: "active" }, { label: "in work", value: count("running", "judging"), tone: "ok" }, { label: "at a person", value: count("awaiting_review", "unknown"), tone: "wait" },
      ]} />
    </Gauge>
  );
}

function Outcomes({ s }: Props) {
  const { done = 0n, notDone = 0n, unknown = 0n } = s.outcomes24h ?? {};
  return (
    <Gauge name="Publications, 24 h" href="posts?outcome=all" value={shareOf(done, done + notDone + unknown)} detail="confirmed">
      <StackBar label="Publications" parts={[{ label: "out", value: Number(done), tone: "ok" }, { label: "failed", value: Number(notDone), tone: "bad" }, { label: "unknown", value: Number(unknown), tone: "unknown" }]} />
    </Gauge>
  );
}

function Verdicts({ s }: Props) {
  const { passed = 0n, rejected = 0n, escalated = 0n } = s.verdicts24h ?? {};
  return (
    <Gauge name="Judge, 24 h" href="audit?action=verdict." value={shareOf(passed, passed + rejected + escalated)} detail="passed without a person">
      <StackBar label="Verdicts" parts={[{ label: "passed", value: Number(passed), tone: "ok" }, { label: "to a person", value: Number(escalated), tone: "wait" }, { label: "rejected", value: Number(rejected), tone: "bad" }]} />
    </Gauge>
  );
}

function Spend({ s }: Props) {
  const { spentMicros30d: spent = 0n, budgetMicros30d: budget = 0n } = s.spend ?? {};
  const share = budget > 0n ? Number(spent) / Number(budget) : 0;
  return (
    <Gauge name="Spend, 30 days" href="budgets" value={moneyOf(spent)} detail={budget > 0n ? `of ${moneyOf(budget)} budgeted` : "no campaign has a budget"}>
      <Meter share={share} label="Budget used" className="h-2" />
      <p className="text-xs text-muted">{budget > 0n ? `${Math.round(share * 100)} % used` : "Nothing that costs can run."}</p>
    </Gauge>
  );
}

const shareOf = (part: bigint, whole: bigint) => (whole > 0n ? `${Math.round((Number(part) / Number(whole)) * 100)} %` : "–");

/** Five in a row on wide screens; three and two on a laptop's. */
export function Gauge({ name, href, value, detail, children }: { name: string; href: string; value: ReactNode; detail: ReactNode; children: ReactNode }) {
  const path = useTenantPath();
  return (
    <div className="relative grid min-w-0 content-start gap-2 rounded-lg border border-line bg-surface px-4 py-3 hover:border-line-strong lg:col-span-2 lg:nth-[n+4]:col-span-3 xl:col-span-1 xl:nth-[n+4]:col-span-1">
      <h2 className="text-xs font-medium text-muted"><Link href={path(href)} className="after:absolute after:inset-0 after:rounded-lg">{name}</Link></h2>
      <p className="flex flex-wrap items-baseline gap-x-2"><span className="text-xl font-semibold tabular-nums">{value}</span><span className="text-xs text-muted">{detail}</span></p>
      {children}
    </div>
  );
}
