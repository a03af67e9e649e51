"use client";
import { ReviewService, type Review } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { createQueryOptions, useTransport } from "@connectrpc/connect-query";
import { useQueryClient } from "@tanstack/react-query";
import { useQueryStates } from "nuqs";
import { useEffect, useState } from "react";
import { listInput, reviewParams, type ReviewFilter } from "@/app/t/[tenant]/reviews/params";
import { useUndo } from "@/components/undo/undo";
import { usePages } from "@/lib/rpc/use-pages";

/** The filtered queue and the item in hand. */
export function useQueue() {
  const [url, setUrl] = useQueryStates(reviewParams);
  const pages = usePages(ReviewService.method.listReviews, listInput(url));
  const reviews = pages.data?.pages.flatMap((p) => p.reviews) ?? [];
  const undo = useUndo();
  // The item in hand stays in hand: a queue that reorders under the reviewer must not change what a key decides.
  const [pinned, setPinned] = useState<string>();
  if (!pinned && reviews[0]) setPinned(reviews[0].id);
  const shown = url.item ?? pinned;
  const at = reviews.findIndex((r) => r.id === shown);
  // Where it stood, for when somebody else decides it and it leaves the list.
  const [place, setPlace] = useState(0);
  if (at >= 0 && at !== place) setPlace(at);
  usePrefetchItem(reviews[at + 1]?.id);

  const open = (id: string | undefined) => {
    setPinned(id);
    void setUrl({ item: id ?? null });
    if (id) requestAnimationFrame(() => document.querySelector(`[data-review="${id}"]`)?.scrollIntoView({ block: "nearest" }));
  };
  const free = (r: Review) => r.id !== shown && !undo.of(r.id);
  return {
    url, pages, reviews, shown, open,
    first: pages.data?.pages[0],
    filter: (next: Partial<ReviewFilter>) => {
      setPinned(undefined);
      void setUrl({ ...next, item: null });
    },
    step: (by: number) => {
      const from = at >= 0 ? at : place - (by > 0 ? 1 : 0);
      open(reviews[Math.min(Math.max(from + by, 0), reviews.length - 1)]?.id ?? shown);
      // Keys may run ahead of the scroll that loads the next page.
      if (from + by >= reviews.length - 10 && pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage();
    },
    /** To the next one that nothing is being done to, from here on, then from the start. */
    advance: () => {
      const from = at >= 0 ? at + 1 : place;
      open((reviews.slice(from).find(free) ?? reviews.slice(0, from).find(free))?.id ?? shown);
    },
    back: () => void setUrl({ item: null }),
  };
}
export type Queue = ReturnType<typeof useQueue>;

/** The next item is there before it is asked for: sixty items in ten minutes leave no time to wait. */
function usePrefetchItem(id: string | undefined) {
  const client = useQueryClient();
  const transport = useTransport();
  useEffect(() => {
    if (id) void client.prefetchQuery(createQueryOptions(ReviewService.method.getReview, { reviewId: id }, { transport }));
  }, [client, transport, id]);
}
