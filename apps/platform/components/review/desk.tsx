"use client";
import { ReviewService } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { lazy, Suspense, useState } from "react";
import { PanelBoundary } from "@/components/panel/boundary";
import { useShortcuts } from "@/components/shell/shortcuts";
import { cn } from "@/components/ui/classes";
import { useSession } from "@/lib/session/use-session";
import { BulkBar } from "./bulk-bar";
import { Item } from "./item";
import { QueueHead } from "./queue-head";
import { QueueList } from "./queue-list";
import { useApprove } from "./use-approve";
import { useQueue } from "./use-queue";
import { useSelection } from "./use-selection";

const QueueFilters = lazy(() => import("./queue-filters"));

/** The review desk: the queue, most urgent first, and the item in hand. */
export function Desk() {
  const queue = useQueue();
  const selection = useSelection(queue.reviews);
  const approve = useApprove();
  const [filtering, setFiltering] = useState(false);
  const { shown } = queue;
  const { may } = useSession();
  const approveChosen = () => {
    if (selection.chosen.length === 0 || selection.hurdle) return;
    approve(selection.chosen);
    selection.clear();
    queue.advance();
  };
  useShortcuts("Queue", [
    { keys: "j", label: "Next item", run: () => queue.step(1) },
    { keys: "k", label: "Previous item", run: () => queue.step(-1) },
    { keys: "n", label: "To the next one that is free", run: queue.advance },
    ...(may(ReviewService.method.approveReview) ? [
      { keys: "x", label: "Select", run: () => selection.pick(shown) },
      { keys: "X", label: "Select all that are alike", run: () => selection.pickAlike(queue.reviews.find((r) => r.id === shown)) },
      { keys: "A", label: "Approve the selected", run: approveChosen },
      { keys: "Escape", label: "Clear the selection", run: selection.clear },
    ] : []),
    { keys: "f", label: "Search the queue", run: () => document.getElementById("queue-search")?.focus() },
  ]);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] lg:h-full lg:grid-cols-[minmax(20rem,26rem)_minmax(0,1fr)]">
      <section aria-label="Queue" className={cn("flex min-h-0 min-w-0 flex-col border-r border-line bg-surface", queue.url.item && "max-lg:hidden")}>
        <QueueHead queue={queue} filtering={filtering} onFiltering={() => setFiltering(!filtering)} />
        {filtering ? <Suspense fallback={<div className="h-32 border-b border-line" />}><QueueFilters filter={queue.url} onChange={queue.filter} /></Suspense> : null}
        <QueueList queue={queue} selection={selection} />
        {selection.chosen.length > 0 ? <BulkBar count={selection.chosen.length} hurdle={selection.hurdle} onApprove={approveChosen} onClear={selection.clear} /> : null}
      </section>
      <section aria-label="Item" className={cn("scroll-thin min-h-0 min-w-0 lg:overflow-y-auto", !queue.url.item && "max-lg:hidden")}>
        {/* The queue's own stands beside the item only where there is room for both. */}
        <h1 className="sr-only lg:hidden">Review</h1>
        <PanelBoundary key={shown}>
          {shown ? <Item reviewId={shown} onDone={queue.advance} onBack={queue.back} /> : null}
        </PanelBoundary>
      </section>
    </div>
  );
}
