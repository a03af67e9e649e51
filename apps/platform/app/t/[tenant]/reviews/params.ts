import { createLoader } from "nuqs/server";
import * as z from "zod/mini";
import { ReviewHolder, ReviewOrder, ReviewRisk, ReviewState } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { uuidParam, zodParam } from "@/lib/url/params";

export const stateChoices = ["open", "approved", "rejected", "changes", "expired", "cancelled"] as const;
export type StateChoice = (typeof stateChoices)[number];
export const riskChoices = ["high", "medium", "low"] as const;
export type RiskChoice = (typeof riskChoices)[number];
export const holderChoices = ["me", "nobody"] as const;
export type HolderChoice = (typeof holderChoices)[number];

const stateOf: Record<StateChoice, ReviewState> = {
  open: ReviewState.OPEN, approved: ReviewState.APPROVED, rejected: ReviewState.REJECTED,
  changes: ReviewState.CHANGES_REQUESTED, expired: ReviewState.EXPIRED, cancelled: ReviewState.CANCELLED,
};
const riskOf: Record<RiskChoice, ReviewRisk> = { high: ReviewRisk.HIGH, medium: ReviewRisk.MEDIUM, low: ReviewRisk.LOW };
const holderOf: Record<HolderChoice, ReviewHolder> = { me: ReviewHolder.ME, nobody: ReviewHolder.NOBODY };

/** The desk's state in the URL: all but ?item=, the open one, filter or order the queue. */
export const reviewParams = {
  state: zodParam(z.enum(stateChoices)).withDefault("open"),
  risk: zodParam(z.enum(riskChoices)),
  platform: zodParam(z.string().check(z.regex(/^[a-z0-9_-]{1,40}$/))),
  agent: uuidParam(),
  campaign: uuidParam(),
  account: uuidParam(),
  holder: zodParam(z.enum(holderChoices)),
  /** Words in the text, the handle or the campaign's name. */
  q: zodParam(z.string().check(z.minLength(1), z.maxLength(200))),
  /** "hour": only what expires within the hour. */
  soon: zodParam(z.enum(["hour"])),
  /** "with": snoozed items too. */
  snoozed: zodParam(z.enum(["with"])),
  order: zodParam(z.enum(["urgent", "newest"])).withDefault("urgent"),
  item: uuidParam(),
};

export const loadReviewParams = createLoader(reviewParams);

export type ReviewFilter = {
  state: StateChoice; risk: RiskChoice | null; platform: string | null; agent: string | null; campaign: string | null; account: string | null;
  holder: HolderChoice | null; q: string | null; soon: "hour" | null; snoozed: "with" | null; order: "urgent" | "newest";
};

export const noFilter: ReviewFilter = {
  state: "open", risk: null, platform: null, agent: null, campaign: null, account: null, holder: null, q: null, soon: null, snoozed: null, order: "urgent",
};

/** The list request for a filter, the same on server and client so that the prefetched page is found. */
export const listInput = (f: ReviewFilter) => ({
  pageSize: 50,
  state: stateOf[f.state],
  risk: f.risk ? riskOf[f.risk] : ReviewRisk.UNSPECIFIED,
  platform: f.platform ?? "",
  agentId: f.agent ?? "",
  campaignId: f.campaign ?? "",
  accountId: f.account ?? "",
  holder: f.holder ? holderOf[f.holder] : ReviewHolder.UNSPECIFIED,
  query: f.q ?? "",
  expiringWithinSeconds: f.soon ? 3_600 : 0,
  includeSnoozed: f.snoozed === "with",
  order: f.order === "newest" ? ReviewOrder.NEWEST : ReviewOrder.URGENCY,
});

/** How many filters are on, apart from the quick views' own. */
export const filterCount = (f: ReviewFilter) => [f.platform, f.agent, f.campaign, f.account, f.snoozed, f.order === "newest"].filter(Boolean).length;
