import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { AgentService } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { CampaignService } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { Budgets } from "@/components/budget/budgets";
import { one, paged, Prefetched } from "@/lib/rpc/prefetch";
import { tenantOf } from "@/lib/url/tenant";
import { budgetsInput, loadBudgetParams } from "./params";

export const metadata: Metadata = { title: "Budgets" };

type Props = { params: Promise<{ tenant: string }>; searchParams: Promise<SearchParams> };

/** The frame has prefetched the system's status, which holds the tenant's spend. */
export default async function BudgetsPage({ params, searchParams }: Props) {
  const tenant = await tenantOf(params);
  const url = await loadBudgetParams(searchParams);
  return (
    <Prefetched tenant={tenant} queries={[
      paged(CampaignService.method.listCampaigns, budgetsInput(url.show)),
      one(AgentService.method.listAgents, { pageSize: 200 }),
    ]}>
      <Budgets />
    </Prefetched>
  );
}
