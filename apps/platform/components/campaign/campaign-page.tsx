"use client";
import { useQuery } from "@connectrpc/connect-query";
import { CampaignService, type Campaign } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import Link from "next/link";
import { Id } from "@/components/panel/copy-button";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { Page } from "@/components/panel/page";
import { Panel } from "@/components/panel/panel";
import { RelativeTime } from "@/components/panel/relative-time";
import { PlanPanel } from "@/components/plan/plan-panel";
import { StateBadge } from "@/components/state/state-badge";
import { campaignStates } from "@/components/state/campaign";
import { Button } from "@/components/ui/button";
import { useAgents } from "@/lib/fleet/use-fleet";
import { useTenantPath } from "@/lib/session/tenant";
import { CampaignActions } from "./campaign-actions";
import { CampaignFacts } from "./campaign-facts";
import { CampaignProgress } from "./campaign-progress";

export function CampaignPage({ campaignId }: { campaignId: string }) {
  const query = useQuery(CampaignService.method.getCampaign, { campaignId });
  const waiting = <Page title="Campaign"><Panel><Skeletons /></Panel></Page>;
  if (query.error && !query.data) return <Page title="Campaign"><Panel><Loaded query={query}>{() => null}</Loaded></Panel></Page>;
  return <Loaded query={query} skeleton={waiting}>{(data) => (data.campaign ? <Detail campaign={data.campaign} /> : null)}</Loaded>;
}

function Detail({ campaign }: { campaign: Campaign }) {
  const path = useTenantPath();
  const agent = useAgents().get(campaign.agentId);
  return (
    <Page
      title={<span className="flex flex-wrap items-center gap-2"><span className="min-w-0 break-words">{campaign.name}</span><StateBadge look={campaignStates[campaign.state]} /></span>}
      facts={<span className="flex flex-wrap items-center gap-x-3"><span>{agent?.name ?? "…"} by {campaign.playbook}</span><span>made <RelativeTime at={campaign.createdAt} /></span><Id value={campaign.id} label="campaign id" /></span>}
      actions={
        <>
          <Button asChild><Link href={`${path("reviews")}?campaign=${campaign.id}`}>Reviews</Link></Button>
          <Button asChild><Link href={`${path("posts")}?campaign=${campaign.id}`}>Posts</Link></Button>
          <CampaignActions campaign={campaign} />
        </>
      }
    >
      <CampaignProgress campaign={campaign} />
      <PlanPanel campaign={campaign}><CampaignFacts campaign={campaign} /></PlanPanel>
    </Page>
  );
}
