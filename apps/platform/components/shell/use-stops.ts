"use client";
import { useQuery } from "@connectrpc/connect-query";
import { StopScope, StopService, type Stop } from "@chimera/gen/chimera/platform/v1/stop_service_pb";
import { useAccounts, useAgents, useCampaigns } from "@/lib/fleet/use-fleet";

/** The active stops, every five seconds: nobody should work on without knowing that one is on. */
export const useStops = () => useQuery(StopService.method.listStops, { pageSize: 50 }, { refetchInterval: 5_000 });

export const scopeNames: Record<StopScope, string> = {
  [StopScope.UNSPECIFIED]: "unknown scope",
  [StopScope.TENANT]: "the whole tenant",
  [StopScope.AGENT]: "agent",
  [StopScope.ACCOUNT]: "account",
  [StopScope.CAMPAIGN]: "campaign",
};

/** Names what a stop holds: "agent Ada". */
export function useStopSubject(): (stop: Pick<Stop, "scope" | "scopeId">) => string {
  const agents = useAgents();
  const accounts = useAccounts();
  const campaigns = useCampaigns();
  return ({ scope, scopeId }) => {
    if (scope === StopScope.TENANT) return scopeNames[scope];
    const name = agents.get(scopeId)?.name ?? accounts.get(scopeId)?.handle ?? campaigns.get(scopeId)?.name ?? scopeId.slice(-8);
    return `${scopeNames[scope]} ${name}`;
  };
}
