"use client";
import { useQuery } from "@connectrpc/connect-query";
import { StopScope, StopService, type Stop } from "@chimera/gen/chimera/platform/v1/stop_service_pb";
import { msOf } from "@/lib/time/relative";

/** A call that ends tells no stream, and a stop takes seconds: its count is read this often until it is quiet. Milliseconds. */
const ENDING_MS = 500;
/** By then every lease is over: a stop of before this was recorded never becomes quiet. Milliseconds. */
const ENDED_MS = 60_000;

const ending = (stop: Stop) => !stop.quietAt && Date.now() - (msOf(stop.pressedAt) ?? 0) < ENDED_MS;

/** The active stops: nobody should work on without knowing that one is on. */
export const useStops = () => useQuery(StopService.method.listStops, { pageSize: 50 }, {
  refetchInterval: (query) => (query.state.data?.stops.some(ending) ? ENDING_MS : false),
});

export const scopeNames: Record<StopScope, string> = {
  [StopScope.UNSPECIFIED]: "unknown scope",
  [StopScope.TENANT]: "the whole tenant",
  [StopScope.AGENT]: "agent",
  [StopScope.ACCOUNT]: "account",
  [StopScope.CAMPAIGN]: "campaign",
};

/** Names what a stop holds: "agent Ada". */
export const stopSubject = (stop: Pick<Stop, "scope" | "scopeId" | "scopeName">): string =>
  stop.scope === StopScope.TENANT ? scopeNames[stop.scope] : `${scopeNames[stop.scope]} ${stop.scopeName || stop.scopeId.slice(-8)}`;
