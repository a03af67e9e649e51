"use client";
import { ReviewRisk, type Review } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { useState } from "react";
import { useUndo } from "@/components/undo/undo";

/** As many as one press decides: each is a call of its own. */
const MOST = 50;

/** Items picked to be approved together. */
export function useSelection(reviews: readonly Review[]) {
  const undo = useUndo();
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const chosen = reviews.filter((r) => picked.has(r.id) && !undo.of(r.id));
  return {
    picked, chosen,
    hurdle: hurdleOf(chosen),
    pick: (id: string | undefined) => id && setPicked((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    }),
    /** All that may be decided by the same press as this one. */
    pickAlike: (like: Review | undefined) => like && setPicked(new Set(reviews.filter((r) => !undo.of(r.id) && !hurdleOf([like, r])).slice(0, MOST).map((r) => r.id))),
    clear: () => setPicked(new Set()),
  };
}

/** Why these items cannot be decided by one press, or undefined: only alike and harmless ones can. */
function hurdleOf(items: readonly Review[]): string | undefined {
  const [first] = items;
  if (!first) return undefined;
  if (items.length > MOST) return `At most ${MOST} at once.`;
  if (items.some((r) => r.sensitive)) return "Sensitive items are decided one by one.";
  if (items.some((r) => r.risk !== ReviewRisk.LOW)) return "Only low-risk items can be approved together.";
  if (items.some((r) => r.tainted)) return "Items with outside text are decided one by one.";
  if (items.some((r) => r.campaignId !== first.campaignId || r.accountId !== first.accountId)) return "Only items of one campaign and account can be approved together.";
  return undefined;
}
