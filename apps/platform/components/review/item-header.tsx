"use client";
import type { Review } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { ArrowLeft } from "lucide-react";
import Link from "next/link";
import { Id } from "@/components/panel/copy-button";
import { RelativeTime } from "@/components/panel/relative-time";
import { StateBadge } from "@/components/state/state-badge";
import { reviewRisks } from "@/components/state/states";
import { Button } from "@/components/ui/button";
import { useCampaigns } from "@/lib/fleet/use-fleet";
import { useTenantPath } from "@/lib/session/tenant";

const platformNames: Record<string, string> = { bluesky: "Bluesky", mastodon: "Mastodon" };

export function ItemHeader({ review, agent, handle, onBack }: { review: Review; agent: string; handle: string; onBack: () => void }) {
  const path = useTenantPath();
  const campaign = useCampaigns().get(review.campaignId);
  return (
    <header className="grid grid-cols-[minmax(0,1fr)] gap-1">
      <div className="flex flex-wrap items-center gap-2 sm:flex-nowrap">
        <Button variant="ghost" size="icon" className="-ml-2 lg:hidden" aria-label="Back to the queue" onClick={onBack}><ArrowLeft /></Button>
        <h2 className="min-w-0 flex-1 text-lg font-semibold sm:truncate">{agent || "Agent"} <span className="font-normal text-muted">on</span> {platformNames[review.platform] ?? review.platform} <span className="font-normal text-muted">as {handle}</span></h2>
        <StateBadge look={reviewRisks[review.risk]} />
      </div>
      <p className="flex flex-wrap gap-x-3 text-xs text-muted">
        <Link href={path(`campaigns/${review.campaignId}`)} className="text-accent underline-offset-2 hover:underline">{campaign?.name ?? "Campaign"}</Link>
        <span>asked <RelativeTime at={review.createdAt} /></span>
        <span>deadline <RelativeTime at={review.deadline} /></span>
        <span>confidence {review.confidence.toFixed(2)}</span>
        <Id value={review.id} label="review id" />
      </p>
    </header>
  );
}
