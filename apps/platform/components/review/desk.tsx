"use client";
import { ReviewRisk, ReviewService, type Review } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { createQueryOptions, useTransport } from "@connectrpc/connect-query";
import { useQueryClient } from "@tanstack/react-query";
import { useQueryStates } from "nuqs";
import { useEffect, useState } from "react";
import { listInput, reviewParams } from "@/app/t/[tenant]/reviews/params";
import { Empty } from "@/components/panel/empty";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { MoreButton } from "@/components/panel/more-button";
import { PanelBoundary } from "@/components/panel/boundary";
import { useShortcuts } from "@/components/shell/shortcuts";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/classes";
import { Kbd } from "@/components/ui/small";
import { useAccounts, useAgents } from "@/lib/fleet/use-fleet";
import { usePages } from "@/lib/rpc/use-pages";
import { useSession } from "@/lib/session/use-session";
import { useDecisions } from "./decisions";
import { Item } from "./item";
import { QueueFilters } from "./queue-filters";
import { QueueRow } from "./queue-row";

/** The review desk: the queue, most urgent first, and the item in hand. */
export function Desk() {
  const [url, setUrl] = useQueryStates(reviewParams);
  const pages = usePages(ReviewService.method.listReviews, listInput(url), { pollMs: 8_000 });
  const reviews = pages.data?.pages.flatMap((p) => p.reviews) ?? [];
  const decisions = useDecisions();
  const agents = useAgents();
  const accounts = useAccounts();
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  // The item in hand stays in hand: a queue that reorders under the reviewer must not change what a key decides.
  const [pinned, setPinned] = useState<string>();
  if (!pinned && reviews[0]) setPinned(reviews[0].id);
  const shown = url.item ?? pinned;
  const at = reviews.findIndex((r) => r.id === shown);
  usePrefetchItem(reviews[at + 1]?.id);

  const open = (id: string | undefined) => {
    setPinned(id);
    void setUrl({ item: id ?? null });
    if (id) requestAnimationFrame(() => document.querySelector(`[data-review="${id}"]`)?.scrollIntoView({ block: "nearest" }));
  };
  const step = (by: number) => open(reviews[Math.min(Math.max(at + by, 0), reviews.length - 1)]?.id ?? shown);
  const advance = () => {
    const free = (r: Review) => r.id !== shown && !decisions.of(r.id);
    open((reviews.slice(at + 1).find(free) ?? reviews.slice(0, Math.max(at, 0)).find(free))?.id ?? shown);
  };
  const pick = (id: string | undefined) => id && setPicked((old) => {
    const next = new Set(old);
    if (!next.delete(id)) next.add(id);
    return next;
  });
  const chosen = reviews.filter((r) => picked.has(r.id) && !decisions.of(r.id));
  const hurdle = bulkHurdle(chosen);
  const approveChosen = () => {
    if (chosen.length === 0 || hurdle) return;
    decisions.approve(chosen);
    setPicked(new Set());
    advance();
  };
  useShortcuts("Queue", [
    { keys: "j", label: "Next item", run: () => step(1) },
    { keys: "k", label: "Previous item", run: () => step(-1) },
    { keys: "s", label: "Skip to the next one free", run: advance },
    { keys: "x", label: "Select", run: () => pick(shown) },
    { keys: "A", label: "Approve the selected", run: approveChosen },
    { keys: "Escape", label: "Clear the selection", run: () => setPicked(new Set()) },
  ]);
  const total = pages.data?.pages[0]?.openCount ?? 0;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] lg:h-full lg:grid-cols-[minmax(20rem,25rem)_minmax(0,1fr)]">
      <section aria-label="Queue" className={cn("flex min-h-0 min-w-0 flex-col border-r border-line bg-surface", url.item && "max-lg:hidden")}>
        <header className="flex h-11 items-center gap-2 px-3">
          <h1 className="text-base font-semibold">Reviews</h1>
          <p className="text-muted">{pages.data ? `${total.toLocaleString("en")} waiting` : ""}</p>
          <span className="flex-1" />
          <span className="flex items-center gap-1 text-xs text-muted max-lg:hidden"><Kbd>j</Kbd><Kbd>k</Kbd> move <Kbd>?</Kbd> keys</span>
        </header>
        <QueueFilters filter={url} onChange={(next) => { setPinned(undefined); void setUrl({ ...next, item: null }); }} />
        <div className="scroll-thin min-h-0 flex-1 overflow-y-auto">
          <PanelBoundary>
            <Loaded query={pages} skeleton={<Skeletons rows={8} />}>
              {() => reviews.length === 0 ? <NothingToReview state={url.state} filtered={Boolean(url.campaign ?? url.account)} /> : (
                <ol aria-label="Items, most urgent first">
                  {reviews.map((r) => (
                    <QueueRow
                      key={r.id} review={r} agent={agents.get(r.agentId)?.name ?? "…"} handle={accounts.get(r.accountId)?.handle ?? ""}
                      current={r.id === shown} picked={picked.has(r.id)} decision={decisions.of(r.id)} onOpen={() => open(r.id)} onPick={() => pick(r.id)}
                    />
                  ))}
                </ol>
              )}
            </Loaded>
            <MoreButton pages={pages} />
          </PanelBoundary>
        </div>
        {chosen.length > 0 ? <BulkBar count={chosen.length} hurdle={hurdle} onApprove={approveChosen} onClear={() => setPicked(new Set())} /> : null}
      </section>
      <section aria-label="Item" className={cn("scroll-thin min-h-0 min-w-0 lg:overflow-y-auto", !url.item && "max-lg:hidden")}>
        <PanelBoundary key={shown}>
          {shown ? <Item reviewId={shown} onDone={advance} onBack={() => void setUrl({ item: null })} /> : null}
        </PanelBoundary>
      </section>
    </div>
  );
}

/** Why these items cannot be decided by one press, or undefined: only alike and harmless ones can. */
function bulkHurdle(items: Review[]): string | undefined {
  const [first] = items;
  if (!first) return undefined;
  if (items.some((r) => r.risk !== ReviewRisk.LOW)) return "Only low-risk items can be approved together.";
  if (items.some((r) => r.tainted)) return "Items with outside text are decided one by one.";
  if (items.some((r) => r.campaignId !== first.campaignId || r.accountId !== first.accountId)) return "Only items of one campaign and account can be approved together.";
  return undefined;
}

function BulkBar({ count, hurdle, onApprove, onClear }: { count: number; hurdle: string | undefined; onApprove: () => void; onClear: () => void }) {
  const { may } = useSession();
  return (
    <div role="toolbar" aria-label="Selected items" className="flex items-center gap-2 border-t border-line bg-raised p-2">
      <p className="min-w-0 flex-1 text-xs">{count} selected. {hurdle ? <span className="text-wait">{hurdle}</span> : null}</p>
      <Button size="sm" onClick={onClear}>Clear</Button>
      {may(ReviewService.method.approveReview) ? <Button size="sm" variant="good" disabled={hurdle !== undefined} onClick={onApprove}>Approve {count} <Kbd className="border-current bg-transparent text-current">A</Kbd></Button> : null}
    </div>
  );
}

function NothingToReview({ state, filtered }: { state: string; filtered: boolean }) {
  if (filtered) return <Empty title="Nothing matches">No item passes these filters. Widen one of them.</Empty>;
  if (state !== "open") return <Empty title="None yet">Items appear here once they end in this state.</Empty>;
  return <Empty title="Nobody waits for you">Agents bring an item here whenever a rule asks for a person. Start a campaign to have new drafts made.</Empty>;
}

/** The next item is read ahead, so that going on to it takes no time. */
function usePrefetchItem(reviewId: string | undefined) {
  const client = useQueryClient();
  const transport = useTransport();
  useEffect(() => {
    if (reviewId) void client.prefetchQuery(createQueryOptions(ReviewService.method.getReview, { reviewId }, { transport }));
  }, [client, transport, reviewId]);
}
