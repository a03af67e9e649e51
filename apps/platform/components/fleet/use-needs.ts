"use client";
import { AccountHealth, AccountService } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import { CampaignService, CampaignState } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { ReviewService } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import type { GetSystemStatusResponse } from "@chimera/gen/chimera/platform/v1/system_service_pb";
import { useQuery } from "@connectrpc/connect-query";
import { msOf } from "@/lib/time/relative";
import { useNow } from "@/lib/time/use-now";
import { urgentReviews, wholeFleet } from "./inputs";

/** A deadline nearer than this is a person's next thing to do. Milliseconds. */
const SOON_MS = 3_600_000;
/** The share of a budget from which a person should know. */
const BUDGET_SHARE = 0.8;

export type Need = {
  key: string; count: number; label: string; detail: string;
  /** Inside the tenant: where it is settled, filtered to it. */
  href: string;
};

/** All that can wait for a person, in the order it should be looked at. */
export function useNeeds(status: GetSystemStatusResponse): Need[] {
  const now = useNow();
  const reviews = useQuery(ReviewService.method.listReviews, urgentReviews, { refetchInterval: 15_000 }).data;
  const accounts = useQuery(AccountService.method.listAccounts, wholeFleet, { refetchInterval: 15_000 }).data?.accounts ?? [];
  const campaigns = useQuery(CampaignService.method.listCampaigns, wholeFleet, { refetchInterval: 15_000 }).data?.campaigns ?? [];
  const soon = reviews && now > 0 ? reviews.reviews.filter((r) => (msOf(r.deadline) ?? Infinity) - now < SOON_MS).length : 0;
  const dead = accounts.filter((a) => a.health === AccountHealth.CREDENTIAL_DEAD);
  const tight = campaigns.filter((c) => c.state === CampaignState.RUNNING && c.parameters && c.parameters.budgetMicros > 0n && Number(c.spentMicros) >= BUDGET_SHARE * Number(c.parameters.budgetMicros));
  const [onlyTight] = tight;
  return [
    { key: "reviews", count: status.openReviews, label: status.openReviews === 1 ? "review waits" : "reviews wait", detail: soon > 0 ? `${soon}${reviews?.nextPageToken ? " or more" : ""} expire within the hour` : "none expires within the hour", href: "reviews" },
    { key: "effects", count: status.unknownEffects, label: status.unknownEffects === 1 ? "outcome unknown" : "outcomes unknown", detail: "was it published or not?", href: "system?effects=open" },
    { key: "letters", count: status.openDeadLetters, label: status.openDeadLetters === 1 ? "dead letter" : "dead letters", detail: "messages that could not be handled", href: "dead-letters?state=open" },
    { key: "accounts", count: dead.length, label: dead.length === 1 ? "secret refused" : "secrets refused", detail: dead.map((a) => a.handle).slice(0, 2).join(", ") || "every account's secret works", href: "agents?accounts=dead" },
    { key: "tools", count: status.changedTools, label: status.changedTools === 1 ? "tool changed" : "tools changed", detail: "held back until accepted", href: "system?tools=changed" },
    { key: "budgets", count: tight.length, label: tight.length === 1 ? "budget at 80 %" : "budgets at 80 %", detail: tight.map((c) => c.name).slice(0, 2).join(", ") || "every running campaign has room", href: tight.length === 1 && onlyTight ? `campaigns/${onlyTight.id}` : "campaigns?state=running" },
  ];
}
