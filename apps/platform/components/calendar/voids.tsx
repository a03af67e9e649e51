"use client";
import type { MovePlannedResponse } from "@chimera/gen/chimera/platform/v1/calendar_service_pb";
import { CircleCheck, TriangleAlert } from "lucide-react";
import { useNamed } from "@/components/plan/node-name";
import { cn } from "@/components/ui/classes";

/** What a move costs, in words: which reviews, approval and grant it ends. */
export function Voids({ answer, className }: { answer: MovePlannedResponse; className?: string }) {
  const named = useNamed();
  const reviews = answer.voidedReviewIds.length;
  const lost = [
    answer.voidedGrant && "a signed grant is revoked",
    answer.voidedApproval && "an approval that was given ends",
    reviews > 0 && `${reviews} open ${reviews === 1 ? "review ends" : "reviews end"}`,
  ].filter(Boolean);
  const Icon = lost.length > 0 ? TriangleAlert : CircleCheck;
  return (
    <div className={cn("flex gap-2 rounded-md border p-2.5", lost.length > 0 ? "border-wait/40 bg-wait-soft" : "border-ok/40 bg-ok-soft", className)}>
      <Icon className={cn("mt-0.5 size-4 shrink-0", lost.length > 0 ? "text-wait" : "text-ok")} aria-hidden />
      <div className="min-w-0">
        <p className="font-medium">{lost.length > 0 ? `This voids: ${lost.join("; ")}.` : "This voids nothing."}</p>
        <p className="break-words text-text/85 first-letter:uppercase">{named(answer.sentence)}</p>
        {lost.length > 0 ? <p className="text-text/85">A person is asked again for the new time.</p> : null}
      </div>
    </div>
  );
}
