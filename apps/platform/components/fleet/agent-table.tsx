"use client";
import { AgentService } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { fleetAgents, fleetParams } from "@/app/t/[tenant]/params";
import { Empty } from "@/components/panel/empty";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { MoreButton } from "@/components/panel/more-button";
import { Panel } from "@/components/panel/panel";
import { Button } from "@/components/ui/button";
import { usePages } from "@/lib/rpc/use-pages";
import { useTenantPath } from "@/lib/session/tenant";
import { useSession } from "@/lib/session/use-session";
import { AgentTableRow } from "./agent-table-row";

const columns = ["Agent", "Accounts", "Campaigns", "Waits for", "Spent, 30 days", "Last post"];

/** The agents with their accounts' health, how far their plans are, who is waited for, and the last post. */
export function AgentTable() {
  const [url, setUrl] = useQueryStates(fleetParams);
  const pages = usePages(AgentService.method.listAgents, fleetAgents(url));
  const path = useTenantPath();
  const { may } = useSession();
  const create = may(AgentService.method.createAgent) ? <Button asChild size="sm"><Link href={path("agents/new")}>New agent</Link></Button> : null;
  const attention = url.agents === "attention";
  return (
    <Panel title="Agents" aside={<><Button size="sm" variant="ghost" aria-pressed={attention} className={attention ? "bg-selected" : ""} onClick={() => void setUrl({ agents: attention ? null : "attention" })}>Need a person</Button>{create}</>}>
      <Loaded query={pages} skeleton={<Skeletons rows={4} />}>
        {(data) => {
          const agents = data.pages.flatMap((p) => p.agents);
          if (agents.length === 0) return attention
            ? <Empty title="No agent needs a person" action={<Button onClick={() => void setUrl({ agents: null })}>Show all agents</Button>}>No open review, no unknown outcome, no refused secret.</Empty>
            : <Empty title="No agent yet" action={create}>Make one, connect an account to it, then start a campaign.</Empty>;
          return (
            <table className="w-full max-md:block">
              <thead className="border-b border-line text-left text-xs text-muted max-md:sr-only">
                <tr>{columns.map((h) => <th key={h} scope="col" className="px-3 py-1.5 font-medium">{h}</th>)}</tr>
              </thead>
              <tbody className="divide-y divide-line max-md:block">{agents.map((agent) => <AgentTableRow key={agent.id} agent={agent} />)}</tbody>
            </table>
          );
        }}
      </Loaded>
      <MoreButton pages={pages} />
    </Panel>
  );
}
