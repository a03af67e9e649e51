import type { Metadata } from "next";
import { AccountService } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import { AgentService } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { CampaignService } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { NewCampaign } from "@/components/campaign/new-campaign";
import { one, Prefetched } from "@/lib/rpc/prefetch";
import { tenantOf } from "@/lib/url/tenant";

export const metadata: Metadata = { title: "New campaign" };

export default async function NewCampaignPage({ params }: { params: Promise<{ tenant: string }> }) {
  const tenant = await tenantOf(params);
  return (
    <Prefetched tenant={tenant} queries={[
      one(CampaignService.method.listPlaybooks, {}),
      one(AgentService.method.listAgents, { pageSize: 200 }),
      one(AccountService.method.listAccounts, { pageSize: 200 }),
    ]}>
      <NewCampaign />
    </Prefetched>
  );
}
