import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { AccountService } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import { AgentService } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { CampaignService } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { ReviewService } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { Desk } from "@/components/review/desk";
import { one, paged, Prefetched } from "@/lib/rpc/prefetch";
import { tenantOf } from "@/lib/url/tenant";
import { listInput, loadReviewParams } from "./params";

export const metadata: Metadata = { title: "Reviews" };

type Props = { params: Promise<{ tenant: string }>; searchParams: Promise<SearchParams> };

export default async function ReviewsPage({ params, searchParams }: Props) {
  const tenant = await tenantOf(params);
  const url = await loadReviewParams(searchParams);
  return (
    <Prefetched tenant={tenant} queries={[
      paged(ReviewService.method.listReviews, listInput(url)),
      one(AccountService.method.listAccounts, { pageSize: 200 }),
      one(AgentService.method.listAgents, { pageSize: 200 }),
      one(CampaignService.method.listCampaigns, { pageSize: 200 }),
      ...(url.item ? [one(ReviewService.method.getReview, { reviewId: url.item })] : []),
    ]}>
      <Desk />
    </Prefetched>
  );
}
