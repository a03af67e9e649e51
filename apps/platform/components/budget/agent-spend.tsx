"use client";
import { AgentService } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { useQuery } from "@connectrpc/connect-query";
import Link from "next/link";
import { moneyOf } from "@/lib/money";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { Panel } from "@/components/panel/panel";
import { useTenantPath } from "@/lib/session/tenant";

/** More agents than this are not compared by eye. */
const SHOWN = 6;

/** Which agents the money went to, the dearest first. */
export function AgentSpend() {
  const path = useTenantPath();
  const query = useQuery(AgentService.method.listAgents, { pageSize: 200 });
  return (
    <Panel title="By agent, 30 days">
      <Loaded query={query} skeleton={<Skeletons rows={2} />}>
        {({ agents }) => {
          const spent = agents.map((a) => ({ ...a, spent: a.summary?.spentMicros30d ?? 0n })).filter((a) => a.spent > 0n).sort((a, b) => Number(b.spent - a.spent));
          const most = spent[0]?.spent ?? 1n;
          if (spent.length === 0) return <p className="p-3 text-muted">No agent has cost anything in 30 days.</p>;
          return (
            <ul className="grid gap-1 p-3">
              {spent.slice(0, SHOWN).map((a) => (
                <li key={a.id} className="grid grid-cols-[minmax(0,10rem)_minmax(0,1fr)_auto] items-center gap-3">
                  <Link href={path(`agents/${a.id}`)} className="truncate underline-offset-2 hover:underline">{a.name}</Link>
                  <span aria-hidden className="h-1.5 rounded-full bg-active" style={{ width: `${(Number(a.spent) / Number(most)) * 100}%` }} />
                  <span className="tabular-nums">{moneyOf(a.spent)}</span>
                </li>
              ))}
              {spent.length > SHOWN ? <li className="text-muted">and {spent.length - SHOWN} more</li> : null}
            </ul>
          );
        }}
      </Loaded>
    </Panel>
  );
}
