"use client";
import { create } from "@bufbuild/protobuf";
import { createConnectQueryKey, useMutation, useTransport } from "@connectrpc/connect-query";
import { GetReviewResponseSchema, ReviewService, ReviewState, type GetReviewResponse, type Review } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { useQueryClient } from "@tanstack/react-query";
import { toast } from "@/components/toast/toast";
import { problemOf } from "@/lib/rpc/errors";
import { useSession } from "@/lib/session/use-session";
import { msOf } from "@/lib/time/relative";
import { useNow } from "@/lib/time/use-now";
import { useRefreshReviews } from "./use-refresh-reviews";

/** Who holds an item, and how to take it or give it back. A lease lasts five minutes. */
export function useLease(review: Review) {
  const now = useNow();
  const { subject } = useSession();
  const client = useQueryClient();
  const transport = useTransport();
  const refresh = useRefreshReviews();
  const until = msOf(review.claimedUntil) ?? 0;
  const held = review.claimedBy !== "" && until > now;
  // The new version must be in the cache at once: the next decision names it.
  const keep = (next: Review | undefined) => {
    const queryKey = createConnectQueryKey({ schema: ReviewService.method.getReview, input: { reviewId: review.id }, transport, cardinality: "finite" });
    if (next) client.setQueryData(queryKey, (old: GetReviewResponse | undefined) => old && create(GetReviewResponseSchema, { ...old, review: next }));
  };
  const failed = (error: unknown) => {
    toast.error(problemOf(error).title);
    refresh();
  };
  const claim = useMutation(ReviewService.method.claimReview, { onSuccess: (r) => keep(r.review), onError: failed });
  const release = useMutation(ReviewService.method.releaseReview, { onSuccess: (r) => keep(r.review), onError: failed });
  const input = { reviewId: review.id, stateVersion: review.stateVersion };
  const mine = held && review.claimedBy === subject;
  return {
    mine,
    other: held && !mine ? review.claimedByName || review.claimedBy : undefined,
    until,
    /** Seconds left of the lease. */
    left: held && now ? Math.max(0, Math.round((until - now) / 1000)) : 0,
    claim: () => review.state === ReviewState.OPEN && !claim.isPending && claim.mutate(input),
    release: () => !release.isPending && release.mutate(input),
  };
}
