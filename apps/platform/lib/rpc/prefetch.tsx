import "server-only";
import type { DescMessage, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { createInfiniteQueryOptions, createQueryOptions } from "@connectrpc/connect-query-core";
import { dehydrate, HydrationBoundary, type QueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { nextPage, type PagedMethod } from "./pages";
import { makeQueryClient } from "./query-client";
import { serverTransport } from "./server";

/** One query to run on the server. Make it by one() or paged(). */
export type Prefetch = (client: QueryClient, transport: Transport) => Promise<void>;

/** Prefetches for useQuery(method, input). */
export function one<I extends DescMessage, O extends DescMessage>(method: DescMethodUnary<I, O>, input?: MessageInitShape<I>): Prefetch {
  return (client, transport) => client.prefetchQuery(createQueryOptions(method, input, { transport }));
}

/** Prefetches the first page for usePages(method, input). */
export function paged<I extends DescMessage, O extends DescMessage>(method: PagedMethod<I, O>, input: MessageInitShape<I>): Prefetch {
  return (client, transport) =>
    client.prefetchInfiniteQuery(createInfiniteQueryOptions(method, { pageToken: "", ...input } as never, { transport, ...nextPage<O>() } as never) as never);
}

/**
 * Runs queries and hands their answers to the client panels inside. A query that fails is left to its panel, which
 * asks again from the browser and shows what is wrong; one failing part never takes the page down.
 */
export async function Prefetched({ tenant, queries, children }: { tenant: string; queries: Prefetch[]; children: ReactNode }) {
  const client = makeQueryClient();
  const transport = await serverTransport(tenant);
  await Promise.allSettled(queries.map((run) => run(client, transport)));
  return <HydrationBoundary state={dehydrate(client)}>{children}</HydrationBoundary>;
}
