import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { AccountService } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import { AgentService } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { CampaignService } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { PlanService } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { CampaignPage } from "@/components/campaign/campaign-page";
import { one, paged, Prefetched } from "@/lib/rpc/prefetch";
import { tenantOf } from "@/lib/url/tenant";
import { campaignOf, loadCampaignParams, planInput, versionsInput } from "./params";

export const metadata: Metadata = { title: "Campaign" };

type Props = { params: Promise<{ tenant: string; campaign: string }>; searchParams: Promise<SearchParams> };

export default async function CampaignDetailPage({ params, searchParams }: Props) {
  const tenant = await tenantOf(params);
  const campaignId = await campaignOf(params);
  const url = await loadCampaignParams(searchParams);
  return (
    <Prefetched tenant={tenant} queries={[
      one(CampaignService.method.getCampaign, { campaignId }),
      one(PlanService.method.getPlan, planInput(campaignId, url.version)),
      paged(PlanService.method.listPlanVersions, versionsInput(campaignId)),
      one(AccountService.method.listAccounts, { pageSize: 200 }),
      one(AgentService.method.listAgents, { pageSize: 200 }),
      ...(url.task ? [one(PlanService.method.getTask, { taskId: url.task })] : []),
    ]}>
      <CampaignPage campaignId={campaignId} />
    </Prefetched>
  );
}
