"use client";
import type { Review } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { ArrowLeft } from "lucide-react";
import Link from "next/link";
import { Id } from "@/components/panel/copy-button";
import { RelativeTime } from "@/components/panel/relative-time";
import { StateBadge } from "@/components/state/state-badge";
import { platformName } from "@/components/state/platform";
import { reviewRisks } from "@/components/state/review";
import { Button } from "@/components/ui/button";
import { Badge } from "@/components/ui/small";
import { useTenantPath } from "@/lib/session/tenant";

export function ItemHeader({ review, onBack }: { review: Review; onBack: () => void }) {
  const path = useTenantPath();
  return (
    <header className="grid grid-cols-[minmax(0,1fr)] gap-1">
      <div className="flex items-start gap-2">
        <Button variant="ghost" size="icon" className="-ml-2 max-sm:size-11 lg:hidden" aria-label="Back to the queue" onClick={onBack}><ArrowLeft /></Button>
        <h2 className="min-w-0 flex-1 text-lg font-semibold break-words">{review.agentName || "Agent"} <span className="font-normal text-muted">on</span> {platformName(review.platform)} {review.accountHandle ? <span className="font-normal text-muted">as {review.accountHandle}</span> : null}</h2>
        <span className="flex shrink-0 flex-wrap justify-end gap-1">{review.sensitive ? <Badge tone="bad">sensitive</Badge> : null}<StateBadge look={reviewRisks[review.risk]} /></span>
      </div>
      <p className="flex flex-wrap items-center gap-x-3 text-xs leading-6 text-muted">
        <Link href={path(`campaigns/${review.campaignId}`)} className="text-accent underline-offset-2 hover:underline">{review.campaignName || "Campaign"}</Link>
        <Link href={path(`campaigns/${review.campaignId}?task=${review.taskId}`)} className="text-accent underline-offset-2 hover:underline">{review.node ? `step ${stepOf(review.node)}` : "step in the plan"}</Link>
        <span>asked <RelativeTime at={review.createdAt} /></span>
        {review.plannedAt ? <span>planned for <RelativeTime at={review.plannedAt} /></span> : null}
        <span>deadline <RelativeTime at={review.deadline} /></span>
        <span>confidence {review.confidence.toFixed(2)}</span>
        <Id value={review.id} label="review id" />
      </p>
    </header>
  );
}

/** A node's key is its step and, where it has one, its account: the account stands in the title already. */
const stepOf = (node: string) => node.split(":")[0];
