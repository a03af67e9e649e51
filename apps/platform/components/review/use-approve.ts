"use client";
import { createClient } from "@connectrpc/connect";
import { useTransport } from "@connectrpc/connect-query";
import { ReviewService, type Review } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { useMemo } from "react";
import { useUndo } from "@/components/undo/undo";
import { useRefreshReviews } from "./use-refresh-reviews";

/**
 * Approves after the undo time, so that a grant is signed for what nobody took back. Each approval names the version
 * and the hash that this reviewer saw.
 */
export function useApprove(): (reviews: readonly Review[], edit?: { json: string; onTaken: () => void }) => void {
  const { later } = useUndo();
  const transport = useTransport();
  const refresh = useRefreshReviews();
  return useMemo(() => {
    const client = createClient(ReviewService, transport);
    return (reviews, edit) => {
      const one = reviews.length === 1;
      later({
        sends: new Map(reviews.map((r) => {
          // Made once for a press: sending it twice is one approval.
          const approval = { reviewId: r.id, stateVersion: r.stateVersion, payloadSha256: r.payloadSha256, editedPayloadJson: edit?.json ?? "", idempotencyKey: crypto.randomUUID() };
          return [r.id, () => client.approveReview(approval).then(edit?.onTaken)];
        })),
        words: {
          doing: edit === undefined ? "Approving…" : "Approving your edit…",
          done: one ? "Approved. The grant is signed." : `${reviews.length} approved. The grants are signed.`,
          what: one ? (reviews[0]?.excerpt ?? "") : `${reviews.length} items`,
        },
        settled: refresh,
      });
    };
  }, [later, transport, refresh]);
}
