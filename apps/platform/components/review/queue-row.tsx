"use client";
import { ReviewRisk, ReviewState, type Review } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { BellOff, Hourglass, TriangleAlert, UserRound } from "lucide-react";
import { memo } from "react";
import { RelativeTime } from "@/components/panel/relative-time";
import { reviewRisks, reviewStates } from "@/components/state/review";
import { cn } from "@/components/ui/classes";
import { Badge } from "@/components/ui/small";
import type { Decision } from "@/components/undo/undo";
import { msOf } from "@/lib/time/relative";
import { COARSE_MS, useNow } from "@/lib/time/use-now";

type Props = {
  review: Review; current: boolean; picked: boolean; decision: Decision | undefined; onOpen: (id: string) => void;
  /** Absent for those who cannot decide: what one may not do is not offered. */
  onPick: ((id: string) => void) | undefined;
};

const edges: Record<ReviewRisk, string> = {
  [ReviewRisk.UNSPECIFIED]: "before:bg-line", [ReviewRisk.LOW]: "before:bg-off/40", [ReviewRisk.MEDIUM]: "before:bg-wait", [ReviewRisk.HIGH]: "before:bg-bad",
};
/** A deadline nearer than this is shown as urgent. Milliseconds. */
const SOON_MS = 3_600_000;

/** Drawn anew only when it itself changes: a key moves two rows, however long the list is. Its handlers must stay the same. */
export const QueueRow = memo(function QueueRow({ review, current, picked, decision, onOpen, onPick }: Props) {
  const now = useNow(COARSE_MS);
  const deadline = msOf(review.deadline);
  const soon = now > 0 && deadline !== undefined && deadline - now < SOON_MS;
  const held = now > 0 && review.claimedBy !== "" && (msOf(review.claimedUntil) ?? 0) > now;
  const snoozed = now > 0 && (msOf(review.snoozedUntil) ?? 0) > now;
  return (
    <li
      className={cn(
        "relative flex gap-2 border-b border-line py-2 pr-3 pl-3 [contain-intrinsic-size:auto_4.75rem] [content-visibility:auto] before:absolute before:inset-y-0 before:left-0 before:w-[3px]",
        edges[review.risk], current ? "bg-selected" : "hover:bg-hover", decision && decision.phase !== "failed" && "opacity-60",
      )}
    >
      {onPick ? (
        <label className="-m-2 flex shrink-0 p-2 max-sm:-m-3 max-sm:p-3">
          <input type="checkbox" checked={picked} onChange={() => onPick(review.id)} aria-label={`Select: ${review.excerpt.slice(0, 60)}`} className="relative z-10 mt-0.5 size-4 accent-(--accent)" />
        </label>
      ) : null}
      <div className="min-w-0 flex-1">
        <div className="flex items-center gap-1.5 text-xs text-muted">
          <span className="shrink-0 truncate font-medium text-text max-sm:max-w-32">{review.agentName || "Agent"}</span>
          <span className="min-w-0 truncate">{review.accountHandle ? `${review.accountHandle} · ` : ""}{review.platform}</span>
          <span className="flex-1" />
          {review.state === ReviewState.OPEN
            ? <span className={cn("inline-flex shrink-0 items-center gap-1", soon && "font-semibold text-bad")}><Hourglass className="size-3" aria-label="Deadline" /><RelativeTime at={review.deadline} /></span>
            : <RelativeTime at={review.decidedAt ?? review.createdAt} className="shrink-0" />}
        </div>
        <button type="button" data-review={review.id} onClick={() => onOpen(review.id)} aria-current={current ? "true" : undefined} className="line-clamp-2 w-full text-left leading-[1.15rem] break-words after:absolute after:inset-y-0 after:right-0 after:left-9">
          {review.excerpt || "No text: open it for the payload."}
        </button>
        <div className="mt-1 flex flex-wrap items-center gap-1 empty:hidden">
          {review.risk >= ReviewRisk.MEDIUM ? <Badge tone={reviewRisks[review.risk].tone}>{reviewRisks[review.risk].label}</Badge> : null}
          {review.sensitive ? <Badge tone="bad">sensitive</Badge> : null}
          {review.state !== ReviewState.OPEN ? <Badge tone={reviewStates[review.state].tone}>{reviewStates[review.state].label}</Badge> : null}
          {review.tainted ? <Badge tone="wait"><TriangleAlert />outside text</Badge> : null}
          {held ? <Badge><UserRound />{review.claimedByName || review.claimedBy}</Badge> : null}
          {snoozed ? <Badge><BellOff />until <RelativeTime at={review.snoozedUntil} /></Badge> : null}
          {decision?.phase === "waiting" || decision?.phase === "sending" ? <Badge tone="active">approving…</Badge> : null}
          {decision?.phase === "failed" ? <Badge tone="bad">not taken</Badge> : null}
        </div>
      </div>
    </li>
  );
});
