"use client";
import { useQuery } from "@connectrpc/connect-query";
import { StopScope, StopService, type Stop } from "@chimera/gen/chimera/platform/v1/stop_service_pb";

/** The active stops: nobody should work on without knowing that one is on. */
export const useStops = () => useQuery(StopService.method.listStops, { pageSize: 50 });

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
