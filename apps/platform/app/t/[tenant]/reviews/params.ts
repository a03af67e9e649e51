import { createLoader } from "nuqs/server";
import { z } from "zod";
import { ReviewState } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { uuidParam, zodParam } from "@/lib/url/params";

export const stateChoices = ["open", "approved", "rejected", "changes", "expired", "cancelled"] as const;
export type StateChoice = (typeof stateChoices)[number];

export const stateOf: Record<StateChoice, ReviewState> = {
  open: ReviewState.OPEN, approved: ReviewState.APPROVED, rejected: ReviewState.REJECTED,
  changes: ReviewState.CHANGES_REQUESTED, expired: ReviewState.EXPIRED, cancelled: ReviewState.CANCELLED,
};

/** The desk's state in the URL: ?state= ?campaign= ?account= filter the queue, ?item= is the open one. */
export const reviewParams = {
  state: zodParam(z.enum(stateChoices)).withDefault("open"),
  campaign: uuidParam(),
  account: uuidParam(),
  item: uuidParam(),
};

export const loadReviewParams = createLoader(reviewParams);

export type ReviewFilter = { state: StateChoice; campaign: string | null; account: string | null };

/** The list request for a filter, the same on server and client so that the prefetched page is found. */
export const listInput = (f: ReviewFilter) => ({ pageSize: 50, state: stateOf[f.state], campaignId: f.campaign ?? "", accountId: f.account ?? "" });
