import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
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
      ...(url.item ? [one(ReviewService.method.getReview, { reviewId: url.item })] : []),
    ]}>
      <Desk />
    </Prefetched>
  );
}
