"use client";
import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";
import { useInfiniteQuery } from "@connectrpc/connect-query";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { nextPage, type PagedMethod } from "./pages";

export type PagesOptions = {
  /** Milliseconds between refreshes while few pages are open; a long list is refreshed by hand, so rows keep their place. */
  pollMs?: number;
  enabled?: boolean;
};

/** More pages than this are not polled: each refresh would fetch all of them again. */
const POLLED_PAGES = 2;

/** A list's pages; the answer is what useInfiniteQuery answers. */
export function usePages<I extends DescMessage, O extends DescMessage>(
  method: PagedMethod<I, O>, input: MessageInitShape<I>, { pollMs, enabled = true }: PagesOptions = {},
): UseInfiniteQueryResult<InfiniteData<MessageShape<O>>, ConnectError> {
  return useInfiniteQuery(method, { pageToken: "", ...input } as never, {
    ...nextPage<O>(),
    enabled,
    refetchInterval: (query: { state: { data?: { pages: unknown[] } } }) =>
      pollMs && (query.state.data?.pages.length ?? 0) <= POLLED_PAGES ? pollMs : false,
  } as never) as never;
}
