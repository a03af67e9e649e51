"use client";
import { ReviewService } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { SystemService } from "@chimera/gen/chimera/platform/v1/system_service_pb";
import { useCallback } from "react";
import { useRefresh } from "@/lib/rpc/use-refresh";

/** Has every view of reviews, and the counts in the frame, read again. */
export function useRefreshReviews(): () => void {
  const refresh = useRefresh();
  return useCallback(() => refresh(ReviewService, SystemService), [refresh]);
}
