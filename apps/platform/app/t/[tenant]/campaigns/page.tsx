import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { AgentService } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { CampaignService } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { CampaignList } from "@/components/campaign/campaign-list";
import { one, paged, Prefetched } from "@/lib/rpc/prefetch";
import { tenantOf } from "@/lib/url/tenant";
import { campaignsInput, loadCampaignsParams } from "./params";

export const metadata: Metadata = { title: "Campaigns" };

type Props = { params: Promise<{ tenant: string }>; searchParams: Promise<SearchParams> };

export default async function CampaignsPage({ params, searchParams }: Props) {
  const tenant = await tenantOf(params);
  const url = await loadCampaignsParams(searchParams);
  return (
    <Prefetched tenant={tenant} queries={[
      paged(CampaignService.method.listCampaigns, campaignsInput(url)),
      one(AgentService.method.listAgents, { pageSize: 200 }),
    ]}>
      <CampaignList />
    </Prefetched>
  );
}
