"use client";
import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";
import { useInfiniteQuery } from "@connectrpc/connect-query";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { nextPage, type PagedMethod } from "./pages";

/** A list's pages; the answer is what useInfiniteQuery answers. */
export function usePages<I extends DescMessage, O extends DescMessage>(
  method: PagedMethod<I, O>, input: MessageInitShape<I>, { enabled = true }: { enabled?: boolean } = {},
): UseInfiniteQueryResult<InfiniteData<MessageShape<O>>, ConnectError> {
  return useInfiniteQuery(method, { pageToken: "", ...input } as never, {
    ...nextPage<O>(),
    enabled,
  } as never) as never;
}
