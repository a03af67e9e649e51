"use client";
import { ReviewService, type Review } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { useMutation } from "@connectrpc/connect-query";
import { toast } from "@/components/toast/toast";
import { problemOf } from "@/lib/rpc/errors";
import { msOf } from "@/lib/time/relative";
import { useNow } from "@/lib/time/use-now";
import { useRefreshReviews } from "./use-refresh-reviews";

/** Whether an item is out of the queue, and how to have it back. */
export function useWake(review: Review) {
  const now = useNow();
  const refresh = useRefreshReviews();
  const call = useMutation(ReviewService.method.snoozeReview, {
    onSuccess: () => toast.success("Back in the queue."),
    onError: (error) => toast.error(problemOf(error).title),
    onSettled: refresh,
  });
  return {
    snoozed: now > 0 && (msOf(review.snoozedUntil) ?? 0) > now,
    wake: () => !call.isPending && call.mutate({ reviewId: review.id, stateVersion: review.stateVersion }),
  };
}
