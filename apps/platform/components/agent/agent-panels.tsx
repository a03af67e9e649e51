"use client";
import { AgentService } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { useQuery } from "@connectrpc/connect-query";
import Link from "next/link";
import { Id } from "@/components/panel/copy-button";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { Page } from "@/components/panel/page";
import { RelativeTime } from "@/components/panel/relative-time";
import { Button } from "@/components/ui/button";
import { useTenantPath } from "@/lib/session/tenant";
import { AccountsPanel } from "./accounts-panel";
import { PersonaPanel } from "./persona-panel";
import { VersionsPanel } from "./versions-panel";

/** One agent: its accounts, its persona, and how the persona came to be. */
export function AgentPanels({ agentId }: { agentId: string }) {
  const query = useQuery(AgentService.method.getAgent, { agentId });
  const path = useTenantPath();
  return (
    <Loaded query={query} skeleton={<Skeletons rows={8} />}>
      {({ agent }) => agent ? (
        <Page
          title={agent.name}
          facts={<span className="flex flex-wrap items-center gap-x-2">made <RelativeTime at={agent.createdAt} /> <Id value={agent.id} label="agent id" /></span>}
          actions={<><Button asChild><Link href={path(`campaigns?agent=${agent.id}`)}>Its campaigns</Link></Button><Button asChild><Link href={path(`audit?object=${agent.id}`)}>Its audit</Link></Button></>}
        >
          <AccountsPanel agentId={agent.id} agentName={agent.name} />
          <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-2">
            <PersonaPanel agent={agent} />
            <VersionsPanel agent={agent} />
          </div>
        </Page>
      ) : null}
    </Loaded>
  );
}
