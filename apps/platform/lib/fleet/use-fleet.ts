"use client";
import { useQuery } from "@connectrpc/connect-query";
import { AccountService, type Account } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import { AgentService, type Agent } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { CampaignService, type Campaign } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";

// Names change seldom; pages show them on every row.
const options = { staleTime: 60_000 };
const first = { pageSize: 200 };

function byId<T extends { id: string }>(items: T[] | undefined): ReadonlyMap<string, T> {
  return new Map(items?.map((item) => [item.id, item]));
}

/** The newest 200 accounts by id, for names and pickers. */
export const useAccounts = (): ReadonlyMap<string, Account> => byId(useQuery(AccountService.method.listAccounts, first, options).data?.accounts);
export const useAgents = (): ReadonlyMap<string, Agent> => byId(useQuery(AgentService.method.listAgents, first, options).data?.agents);
export const useCampaigns = (): ReadonlyMap<string, Campaign> => byId(useQuery(CampaignService.method.listCampaigns, first, options).data?.campaigns);
