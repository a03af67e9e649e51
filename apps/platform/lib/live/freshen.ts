import type { Query, QueryClient } from "@tanstack/react-query";
import type { ChangeKind } from "@chimera/gen/chimera/platform/v1/event_service_pb";
import { servicesOf } from "./affects";

/** Between two readings of the same things, however many changes are told. Milliseconds. */
const REST_MS = 1_000;
/** Longer lists keep their rows where they are: each refresh would read every page of them again. */
const REFRESHED_PAGES = 2;

const isLong = (q: Query) => ((q.state.data as { pages?: unknown[] } | undefined)?.pages?.length ?? 0) > REFRESHED_PAGES;
const serviceOf = (q: Query) => (q.queryKey[1] as { serviceName?: string } | undefined)?.serviceName ?? "";

/**
 * Has what a change makes old read again: hints are gathered while the last reading runs, so that a busy fleet costs
 * one reading a second and a change during a reading is not missed.
 */
export function freshener(client: QueryClient) {
  const waiting = new Set<ChangeKind>();
  let running = false;
  async function run() {
    if (running) return;
    running = true;
    while (waiting.size > 0) {
      const services = servicesOf(waiting);
      waiting.clear();
      await mark(client, (q) => services.has(serviceOf(q)));
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
    }
    running = false;
  }
  return {
    changed(kinds: readonly ChangeKind[]) {
      for (const kind of kinds) waiting.add(kind);
      void run();
    },
    /** After a gap in what was told: anything may have changed. */
    everything: () => mark(client, () => true),
  };
}

/** Long lists are marked as old and not read; their "Refresh" button says so. */
async function mark(client: QueryClient, old: (q: Query) => boolean) {
  await client.invalidateQueries({ predicate: (q) => old(q) && isLong(q), refetchType: "none" });
  await client.invalidateQueries({ predicate: (q) => old(q) && !isLong(q) });
}
