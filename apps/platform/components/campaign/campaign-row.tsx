"use client";
import type { Campaign } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import Link from "next/link";
import { RelativeTime } from "@/components/panel/relative-time";
import { StateBadge } from "@/components/state/state-badge";
import { campaignStates } from "@/components/state/states";
import { useTenantPath } from "@/lib/session/tenant";
import { moneyOf } from "./money";

export function CampaignRow({ campaign, agent }: { campaign: Campaign; agent: string }) {
  const path = useTenantPath();
  const accounts = campaign.accountIds.length;
  return (
    <li className="relative grid gap-x-4 gap-y-1 px-3 py-2.5 hover:bg-hover md:grid-cols-[minmax(0,1fr)_auto] md:items-center">
      <div className="min-w-0">
        <div className="flex items-center gap-2">
          <Link href={path(`campaigns/${campaign.id}`)} className="min-w-0 truncate font-semibold after:absolute after:inset-0">{campaign.name}</Link>
          <StateBadge look={campaignStates[campaign.state]} className="shrink-0" />
        </div>
        <p className="line-clamp-1 text-muted">{campaign.goal}</p>
      </div>
      <p className="flex flex-wrap gap-x-3 text-xs text-muted md:justify-end">
        <span className="text-text">{agent}</span>
        <span>{accounts} {accounts === 1 ? "account" : "accounts"}</span>
        <span>{campaign.planVersion > 0 ? `plan ${campaign.planVersion}` : "no plan yet"}</span>
        <span>spent {moneyOf(campaign.spentMicros)}{campaign.parameters ? ` of ${moneyOf(campaign.parameters.budgetMicros)}` : ""}</span>
        <span>made <RelativeTime at={campaign.createdAt} /></span>
      </p>
    </li>
  );
}
