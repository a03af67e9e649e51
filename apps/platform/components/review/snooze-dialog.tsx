"use client";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { ReviewService, type Review } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { useMutation } from "@connectrpc/connect-query";
import { useState } from "react";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { toast } from "@/components/toast/toast";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/small";
import { exactly, msOf } from "@/lib/time/relative";
import { useRefreshReviews } from "./use-refresh-reviews";

const MINUTE = 60_000;
/** So that it comes back while there is time to decide it. Milliseconds. */
const BEFORE_DEADLINE_MS = 30 * MINUTE;

/** Puts an item out of the queue for a while; it is back before its deadline in any case. Digits choose. */
export default function SnoozeDialog({ review, onClose, onSnoozed }: { review: Review; onClose: () => void; onSnoozed: () => void }) {
  const refresh = useRefreshReviews();
  const [choices] = useState(() => choicesBefore(msOf(review.deadline)));
  const snooze = useMutation(ReviewService.method.snoozeReview, { onSettled: refresh });
  const choose = (at: number) => snooze.mutate({ reviewId: review.id, stateVersion: review.stateVersion, until: timestampFromMs(at) }, {
    onSuccess: () => {
      toast.success("Snoozed. It is back in time.");
      onSnoozed();
    },
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title="Snooze" description="Out of everybody's queue until then. A snoozed item still expires at its deadline." className="sm:w-96" onKeyDown={(e) => {
        const at = choices[Number(e.key) - 1]?.at;
        if (at !== undefined && !snooze.isPending) choose(at);
      }}>
        {choices.length === 0 ? <p className="text-muted">Its deadline is too near to put it off. Decide it now, or leave it to a colleague.</p> : (
          <ul className="grid gap-1.5">
            {choices.map((c, i) => (
              <li key={c.label}><Button className="w-full justify-start max-sm:h-11" disabled={snooze.isPending} onClick={() => choose(c.at)}><Kbd>{i + 1}</Kbd><span className="flex-1 text-left">{c.label}</span><span className="text-xs font-normal text-muted">{exactly(c.at)}</span></Button></li>
            ))}
          </ul>
        )}
        {snooze.error ? <ProblemNotice error={snooze.error} className="mt-3" /> : null}
      </DialogContent>
    </Dialog>
  );
}

function choicesBefore(deadline: number | undefined): { label: string; at: number }[] {
  const now = Date.now();
  const morning = new Date(now);
  morning.setDate(morning.getDate() + 1);
  morning.setHours(9, 0, 0, 0);
  const all = [
    { label: "For 30 minutes", at: now + 30 * MINUTE },
    { label: "For 2 hours", at: now + 120 * MINUTE },
    { label: "Until tomorrow at nine", at: morning.getTime() },
    ...(deadline === undefined ? [] : [{ label: "Until half an hour before the deadline", at: deadline - BEFORE_DEADLINE_MS }]),
  ];
  return all.filter((c) => c.at > now + MINUTE && (deadline === undefined || c.at <= deadline - MINUTE)).sort((a, b) => a.at - b.at);
}
