import type { Metadata } from "next";
import { AccountService } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import { AgentService } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { CampaignService } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { PostService } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { ReviewService } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { AgentTable } from "@/components/fleet/agent-table";
import { Gauges } from "@/components/fleet/gauges";
import { NeedsHuman } from "@/components/fleet/needs-human";
import { Page } from "@/components/panel/page";
import { newestPosts, urgentReviews, wholeFleet } from "@/components/fleet/inputs";
import { one, Prefetched } from "@/lib/rpc/prefetch";
import { tenantOf } from "@/lib/url/tenant";

export const metadata: Metadata = { title: "Fleet" };

/** The frame has prefetched the system's status. */
export default async function FleetPage({ params }: { params: Promise<{ tenant: string }> }) {
  const tenant = await tenantOf(params);
  return (
    <Prefetched tenant={tenant} queries={[
      one(ReviewService.method.listReviews, urgentReviews),
      one(AccountService.method.listAccounts, wholeFleet),
      one(AgentService.method.listAgents, wholeFleet),
      one(CampaignService.method.listCampaigns, wholeFleet),
      one(PostService.method.listPosts, newestPosts),
    ]}>
      <Page title="Fleet" facts="What needs a person comes first.">
        <NeedsHuman />
        <Gauges />
        <AgentTable />
      </Page>
    </Prefetched>
  );
}
