"use client";
import { ReviewState, type Review } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { BellOff, CircleHelp, Lock, UserRound } from "lucide-react";
import { useState, type ReactNode } from "react";
import { RelativeTime } from "@/components/panel/relative-time";
import { StateBadge } from "@/components/state/state-badge";
import { reviewStates } from "@/components/state/review";
import { cn } from "@/components/ui/classes";
import { msOf, span } from "@/lib/time/relative";
import { useNow } from "@/lib/time/use-now";
import type { useLease } from "./use-lease";

type Props = { review: Review; lease: ReturnType<typeof useLease>; editing: boolean };

/** Why the item needs a person, who holds it, and what became of it. */
export function ItemStatus({ review, lease, editing }: Props) {
  // What it was when this reviewer opened it: a change under their hands is said in other words.
  const [opened] = useState(review.state);
  const decided = review.state !== ReviewState.OPEN;
  const meanwhile = decided && opened === ReviewState.OPEN;
  const now = useNow();
  const snoozed = now > 0 && (msOf(review.snoozedUntil) ?? 0) > now;
  return (
    <div className="grid gap-2">
      <Line icon={<CircleHelp />} className="bg-sunken">
        <span className="font-medium">Why you: </span>{review.reason || "The judge gave no reason."}
        {review.rule && !(review.reason.includes(review.threshold) && review.reason.includes(review.value)) ? <Measured review={review} /> : null}
      </Line>
      {snoozed ? <Line icon={<BellOff />} className="bg-off-soft">Snoozed until <RelativeTime at={review.snoozedUntil} />: it is in nobody&apos;s queue.</Line> : null}
      {decided ? (
        <Line icon={<Lock />} className="bg-selected" role={meanwhile ? "status" : undefined}>
          {meanwhile ? <strong>Decided meanwhile: </strong> : null}
          <StateBadge look={reviewStates[review.state]} /> {review.decidedBy ? <>by {review.decidedByName || review.decidedBy}, </> : null}<RelativeTime at={review.decidedAt} />.
          {review.rationale ? <> “{review.rationale}”</> : null}
          {meanwhile && editing ? <> Your edit below was not sent and is kept; copy what you need.</> : null}
        </Line>
      ) : null}
      {!decided && lease.other ? <Line icon={<UserRound />} className="bg-wait-soft" role="status"><strong>{lease.other}</strong> has this item for {span(lease.left)} more. You can read it, and decide once it is free.</Line> : null}
      {!decided && lease.mine ? <Line icon={<UserRound />} className="bg-active-soft">You hold this item for {span(lease.left)} more; others can only read it.</Line> : null}
    </div>
  );
}

/** The sentence's three parts, to be read at a glance and searched for in the policy. */
function Measured({ review }: { review: Review }) {
  return (
    <span className="mt-0.5 flex flex-wrap gap-x-3 text-xs text-muted">
      <span>rule <span className="font-mono text-text">{review.rule}</span></span>
      {review.value ? <span>found <span className="text-text">{review.value}</span></span> : null}
      {review.threshold ? <span>asks for <span className="text-text">{review.threshold}</span></span> : null}
    </span>
  );
}

function Line({ icon, className, role, children }: { icon: ReactNode; className?: string; role?: "status"; children: ReactNode }) {
  return <div role={role} className={cn("flex items-start gap-2 rounded-md px-3 py-2 [&>svg]:mt-0.5 [&>svg]:size-4 [&>svg]:shrink-0 [&>svg]:text-muted", className)}>{icon}<div className="min-w-0 break-words">{children}</div></div>;
}
