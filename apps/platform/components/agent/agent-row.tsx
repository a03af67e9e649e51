"use client";
import type { Account } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import type { Agent } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import Link from "next/link";
import { StateBadge } from "@/components/state/state-badge";
import { accountHealths } from "@/components/state/account";
import { useTenantPath } from "@/lib/session/tenant";

export function AgentRow({ agent, accounts }: { agent: Agent; accounts: Account[] }) {
  const path = useTenantPath();
  return (
    <li className="relative grid gap-x-4 gap-y-1 px-3 py-2.5 hover:bg-hover md:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
      <div className="min-w-0">
        {/* The whole row is the link's target; its name alone is what is read out. */}
        <Link href={path(`agents/${agent.id}`)} className="font-medium after:absolute after:inset-0">{agent.name}</Link> <span className="text-muted">persona v{agent.personaVersion}, {agent.persona?.language}</span>
        <p className="truncate text-muted">{agent.persona?.voice}</p>
      </div>
      <ul className="flex min-w-0 flex-wrap content-start items-center gap-x-3 gap-y-1">
        {accounts.length === 0 ? <li className="text-muted">no account connected</li> : null}
        {accounts.map((a) => <li key={a.id} className="flex min-w-0 items-center gap-1.5"><span className="min-w-0 break-words">{a.handle} <span className="text-muted">({a.platform})</span></span><StateBadge look={accountHealths[a.health]} /></li>)}
      </ul>
    </li>
  );
}
