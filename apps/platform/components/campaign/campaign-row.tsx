"use client";
import type { Campaign } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import Link from "next/link";
import { BudgetBar } from "@/components/budget/budget-bar";
import { RelativeTime } from "@/components/panel/relative-time";
import { StateBadge } from "@/components/state/state-badge";
import { campaignStates } from "@/components/state/campaign";
import { useTenantPath } from "@/lib/session/tenant";
import { CountsBar } from "./counts-bar";
import { moneyOf } from "@/lib/money";

/** One campaign: what for, who, how far, and what it cost. */
export function CampaignRow({ campaign, agent }: { campaign: Campaign; agent: string }) {
  const path = useTenantPath();
  const accounts = campaign.accountIds.length;
  const budget = campaign.budgetMicros || (campaign.parameters?.budgetMicros ?? 0n);
  return (
    <li className="relative grid gap-x-5 gap-y-2 px-3 py-2.5 hover:bg-hover lg:grid-cols-[minmax(0,1fr)_9rem_13rem_9rem] lg:items-center">
      <div className="min-w-0">
        <div className="flex items-center gap-2">
          <Link href={path(`campaigns/${campaign.id}`)} className="min-w-0 truncate font-semibold after:absolute after:inset-0">{campaign.name}</Link>
          <StateBadge look={campaignStates[campaign.state]} className="shrink-0" />
        </div>
        <p className="line-clamp-1 text-muted">{campaign.goal}</p>
      </div>
      <p className="min-w-0 text-xs"><span className="block truncate">{agent}</span><span className="text-muted">{accounts} {accounts === 1 ? "account" : "accounts"}</span></p>
      <CountsBar campaign={campaign} />
      <div className="grid gap-1 text-xs">
        {budget > 0n ? <BudgetBar spent={campaign.spentMicros} budget={budget} className="h-1.5" /> : null}
        <p className="text-muted">{budget > 0n ? `${moneyOf(campaign.spentMicros)} of ${moneyOf(budget)}` : "free"} · <RelativeTime at={campaign.updatedAt ?? campaign.createdAt} /></p>
      </div>
    </li>
  );
}
