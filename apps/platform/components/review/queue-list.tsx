"use client";
import { ReviewService } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { RefreshCw } from "lucide-react";
import { useCallback, useEffect, useRef } from "react";
import { noFilter, type ReviewFilter } from "@/app/t/[tenant]/reviews/params";
import { PanelBoundary } from "@/components/panel/boundary";
import { Empty } from "@/components/panel/empty";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { MoreButton } from "@/components/panel/more-button";
import { useUndo } from "@/components/undo/undo";
import { Button } from "@/components/ui/button";
import { useSession } from "@/lib/session/use-session";
import { QueueRow } from "./queue-row";
import type { Queue } from "./use-queue";
import type { useSelection } from "./use-selection";

/** Rows keep their place while a reviewer is deep in a long list; then it is read again on request only. */
export function QueueList({ queue, selection }: { queue: Queue; selection: ReturnType<typeof useSelection> }) {
  const { pages, reviews, shown, url } = queue;
  const undo = useUndo();
  const { may } = useSession();
  const onOpen = useSteady(queue.open);
  const onPick = useSteady(selection.pick);
  const pickable = may(ReviewService.method.approveReview);
  const old = pages.isStale && (pages.data?.pages.length ?? 0) > 2 && !pages.isFetching;
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto">
      <PanelBoundary>
        {old ? <p className="sticky top-0 z-10 flex items-center justify-center gap-2 border-b border-line bg-active-soft px-3 py-1 text-active">The queue may have changed. <Button size="sm" onClick={() => void pages.refetch()}><RefreshCw />Refresh</Button></p> : null}
        <Loaded query={pages} skeleton={<Skeletons rows={8} />}>
          {() => reviews.length === 0 ? <Nothing filter={url} onClear={() => queue.filter(noFilter)} /> : (
            <ol aria-label={url.order === "newest" || url.state !== "open" ? "Items, newest first" : "Items, most urgent first"}>
              {reviews.map((r) => (
                <QueueRow key={r.id} review={r} current={r.id === shown} picked={selection.picked.has(r.id)} decision={undo.of(r.id)} onOpen={onOpen} onPick={pickable ? onPick : undefined} />
              ))}
            </ol>
          )}
        </Loaded>
        <MoreButton pages={pages} />
      </PanelBoundary>
    </div>
  );
}

function Nothing({ filter, onClear }: { filter: ReviewFilter; onClear: () => void }) {
  const filtered = Object.entries(noFilter).some(([key, value]) => filter[key as keyof ReviewFilter] !== value);
  if (filtered) return <Empty title="Nothing matches" action={<Button onClick={onClear}>Show all that wait</Button>}>No item passes these filters.</Empty>;
  return <Empty title="Nobody waits for you">Agents bring an item here whenever a rule asks for a person. Start a campaign to have new drafts made.</Empty>;
}

/** The same function for the list's life, calling the newest one: so that rows need not be drawn for it. */
function useSteady(newest: (id: string) => unknown): (id: string) => void {
  const latest = useRef(newest);
  useEffect(() => {
    latest.current = newest;
  });
  return useCallback((id: string) => void latest.current(id), []);
}
