import type { DescMessage, DescMethodUnary, MessageShape } from "@bufbuild/protobuf";

/** A List method: its request has pageToken, its response nextPageToken. */
export type PagedMethod<I extends DescMessage, O extends DescMessage> = DescMethodUnary<I, O>;

/** How the API pages: keyset tokens that are opaque; an empty one ends the list. */
export function nextPage<O extends DescMessage>() {
  return {
    pageParamKey: "pageToken" as const,
    getNextPageParam: (last: MessageShape<O>) => (last as { nextPageToken?: string }).nextPageToken || undefined,
  };
}
