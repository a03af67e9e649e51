import type { Metadata } from "next";
import { AccountService } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import { AgentService } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { AgentList } from "@/components/agent/agent-list";
import { one, paged, Prefetched } from "@/lib/rpc/prefetch";
import { tenantOf } from "@/lib/url/tenant";
import { agentsInput } from "./params";

export const metadata: Metadata = { title: "Agents" };

export default async function AgentsPage({ params }: { params: Promise<{ tenant: string }> }) {
  const tenant = await tenantOf(params);
  return (
    <Prefetched tenant={tenant} queries={[
      paged(AgentService.method.listAgents, agentsInput),
      one(AccountService.method.listAccounts, { pageSize: 200 }),
    ]}>
      <AgentList />
    </Prefetched>
  );
}
