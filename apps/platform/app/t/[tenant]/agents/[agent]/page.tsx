import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { AccountService } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import { AgentService } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { AgentPanels } from "@/components/agent/agent-panels";
import { one, paged, Prefetched } from "@/lib/rpc/prefetch";
import { tenantOf } from "@/lib/url/tenant";
import { accountsInput, agentPath, versionsInput } from "../params";

export const metadata: Metadata = { title: "Agent" };

export default async function AgentPage({ params }: { params: Promise<{ tenant: string; agent: string }> }) {
  const tenant = await tenantOf(params);
  const parsed = agentPath.safeParse(await params);
  if (!parsed.success) notFound();
  const { agent } = parsed.data;
  return (
    <Prefetched tenant={tenant} queries={[
      one(AgentService.method.getAgent, { agentId: agent }),
      paged(AgentService.method.listPersonaVersions, versionsInput(agent)),
      paged(AccountService.method.listAccounts, accountsInput(agent)),
    ]}>
      <AgentPanels agentId={agent} />
    </Prefetched>
  );
}
