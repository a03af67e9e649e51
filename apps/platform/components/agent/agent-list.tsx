"use client";
import { AccountHealth, type Account } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import { AgentService } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { Plus } from "lucide-react";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { agentsInput, agentsParams, agentViews } from "@/app/t/[tenant]/agents/params";
import { Empty } from "@/components/panel/empty";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { MoreButton } from "@/components/panel/more-button";
import { Page } from "@/components/panel/page";
import { Panel } from "@/components/panel/panel";
import { Button } from "@/components/ui/button";
import { useAccounts } from "@/lib/fleet/use-fleet";
import { usePages } from "@/lib/rpc/use-pages";
import { useTenantPath } from "@/lib/session/tenant";
import { useSession } from "@/lib/session/use-session";
import { AgentRow } from "./agent-row";

const words = { all: "All", dead: "Secret refused" };

export function AgentList() {
  const [url, setUrl] = useQueryStates(agentsParams);
  const pages = usePages(AgentService.method.listAgents, agentsInput);
  const accounts = useAccounts();
  const path = useTenantPath();
  const { may } = useSession();
  const create = may(AgentService.method.createAgent) ? <Button variant="primary" asChild><Link href={path("agents/new")}><Plus aria-hidden />New agent</Link></Button> : null;
  const accountsOf = (agentId: string): Account[] => [...accounts.values()].filter((a) => a.agentId === agentId);
  return (
    <Page title="Agents" facts="Who speaks, in what voice, through which accounts." actions={create}>
      <div role="group" aria-label="Accounts" className="flex gap-1.5">
        {agentViews.map((v) => <Button key={v} aria-pressed={v === url.accounts} variant={v === url.accounts ? "primary" : "plain"} onClick={() => void setUrl({ accounts: v })}>{words[v]}</Button>)}
      </div>
      <Panel>
        <Loaded query={pages} skeleton={<Skeletons rows={5} />}>
          {(data) => {
            const agents = data.pages.flatMap((p) => p.agents).map((agent) => ({ agent, accounts: accountsOf(agent.id) }))
              .filter((row) => url.accounts === "all" || row.accounts.some((a) => a.health === AccountHealth.CREDENTIAL_DEAD));
            if (agents.length === 0) return url.accounts === "dead" ? <Empty title="Every secret works">An account whose secret the platform refuses is listed here until it is replaced.</Empty> : <Empty title="No agent yet" action={create}>Make one, connect an account to it, then start a campaign.</Empty>;
            return <ul className="divide-y divide-line">{agents.map((row) => <AgentRow key={row.agent.id} {...row} />)}</ul>;
          }}
        </Loaded>
        <MoreButton pages={pages} />
      </Panel>
    </Page>
  );
}
