import { Code, ConnectError } from "@connectrpc/connect";
import { defaultShouldDehydrateQuery, QueryClient } from "@tanstack/react-query";

/** Passing trouble: the same call may succeed in a moment. Everything else is an answer. */
const PASSING: ReadonlySet<Code> = new Set([Code.Unavailable, Code.DeadlineExceeded, Code.Aborted]);

/** Fresh for ten seconds: a page just prefetched is not fetched again, and a returning tab is. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        gcTime: 5 * 60_000,
        refetchOnWindowFocus: true,
        retry: (count, error) => count < 2 && PASSING.has(ConnectError.from(error).code),
        retryDelay: (count) => Math.min(500 * 2 ** count, 4_000),
      },
      // A person's action is sent once; whether to send it again is theirs to say.
      mutations: { retry: false },
      dehydrate: { shouldDehydrateQuery: defaultShouldDehydrateQuery },
    },
  });
}
