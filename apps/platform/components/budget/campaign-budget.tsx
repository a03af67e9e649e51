"use client";
import type { Campaign } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import Link from "next/link";
import { moneyOf } from "@/lib/money";
import { StateBadge } from "@/components/state/state-badge";
import { campaignStates } from "@/components/state/campaign";
import { useAgents } from "@/lib/fleet/use-fleet";
import { useTenantPath } from "@/lib/session/tenant";
import { BudgetBar } from "./budget-bar";
import { shareLook, shareOf } from "./share";

export function CampaignBudget({ campaign: c }: { campaign: Campaign }) {
  const path = useTenantPath();
  const agent = useAgents().get(c.agentId);
  const budget = c.budgetMicros || (c.parameters?.budgetMicros ?? 0n);
  const share = shareOf(c.spentMicros, budget);
  const left = budget > c.spentMicros ? budget - c.spentMicros : 0n;
  return (
    <li className="relative grid items-center gap-x-4 gap-y-1.5 px-3 py-2.5 hover:bg-hover md:grid-cols-[minmax(0,2fr)_minmax(0,2fr)_12rem_6.5rem]">
      <span className="flex min-w-0 items-center gap-2">
        <Link href={path(`campaigns/${c.id}`)} className="min-w-0 truncate font-medium after:absolute after:inset-0">{c.name}</Link>
        <StateBadge look={campaignStates[c.state]} />
        <span className="truncate text-muted max-xl:hidden">{c.agentName || agent?.name}</span>
      </span>
      {budget > 0n ? <BudgetBar spent={c.spentMicros} budget={budget} /> : <span className="text-muted">free steps only: nothing may cost</span>}
      <span className="tabular-nums">{moneyOf(c.spentMicros)} <span className="text-muted">of {moneyOf(budget)}{budget > 0n ? `, ${moneyOf(left)} left` : ""}</span></span>
      <span className="md:text-right">{budget > 0n ? <StateBadge look={{ ...shareLook(share), label: share >= 1 ? "used up" : `${Math.round(share * 100)} %` }} /> : null}</span>
    </li>
  );
}
