"use client";
import type { ListReviewsResponse } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import type { ReviewFilter } from "@/app/t/[tenant]/reviews/params";
import { cn } from "@/components/ui/classes";
import { Dot, type Tone } from "@/components/ui/small";

type View = { label: string; to: Partial<ReviewFilter>; count?: number | undefined; tone?: Tone };

/** What a quick view sets; choosing another sets these anew and leaves the other filters as they are. */
const base = { state: "open", risk: null, holder: null, soon: null } as const;

/** The queue's usual cuts, each with how many it holds. */
export function QueueViews({ filter, first, onChange }: { filter: ReviewFilter; first: ListReviewsResponse | undefined; onChange: (next: Partial<ReviewFilter>) => void }) {
  const byRisk = first?.countsByRisk ?? {};
  const views: View[] = [
    { label: "All", to: base, count: first?.openCount },
    { label: "Expiring", to: { ...base, soon: "hour" }, count: first?.expiringCount, tone: "bad" },
    { label: "High", to: { ...base, risk: "high" }, count: byRisk.high, tone: "bad" },
    { label: "Medium", to: { ...base, risk: "medium" }, count: byRisk.medium, tone: "wait" },
    { label: "Low", to: { ...base, risk: "low" }, count: byRisk.low, tone: "off" },
    { label: "Mine", to: { ...base, holder: "me" } },
    { label: "Unclaimed", to: { ...base, holder: "nobody" } },
  ];
  const on = (to: Partial<ReviewFilter>) => Object.entries(to).every(([key, value]) => filter[key as keyof ReviewFilter] === value);
  return (
    <div role="group" aria-label="Views" tabIndex={-1} className="flex gap-1 overflow-x-auto px-2 pb-2 [scrollbar-width:none]">
      {views.map((v) => (
        <button
          key={v.label} type="button" aria-pressed={on(v.to)} onClick={() => onChange(v.to)}
          className={cn("inline-flex h-7 shrink-0 items-center gap-1.5 rounded-full border px-2.5 text-xs max-sm:h-10 max-sm:px-3.5", on(v.to) ? "border-accent bg-selected font-semibold" : "border-line text-muted hover:bg-hover hover:text-text")}
        >
          {v.tone && v.count ? <Dot tone={v.tone} className="size-1.5" /> : null}
          {v.label}{v.count === undefined ? null : <span className="tabular-nums">{v.count.toLocaleString("en")}</span>}
        </button>
      ))}
    </div>
  );
}
