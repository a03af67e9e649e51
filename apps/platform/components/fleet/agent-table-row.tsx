"use client";
import { AccountHealth } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import type { Agent, AgentSummary } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import Link from "next/link";
import type { ReactNode } from "react";
import { moneyOf } from "@/lib/money";
import { Meter } from "@/components/chart/meter";
import { RelativeTime } from "@/components/panel/relative-time";
import { accountHealths } from "@/components/state/account";
import { platformName } from "@/components/state/platform";
import { Dot } from "@/components/ui/small";
import { useTenantPath } from "@/lib/session/tenant";

const link = "underline-offset-2 hover:underline";

/** On small screens each cell is a line with its column's name before it. */
export function AgentTableRow({ agent }: { agent: Agent }) {
  const path = useTenantPath();
  const s = agent.summary;
  return (
    <tr className="align-top hover:bg-hover max-md:grid max-md:gap-1 max-md:px-3 max-md:py-2.5">
      <td className="min-w-0 px-3 py-2 max-md:p-0"><Link href={path(`agents/${agent.id}`)} className={`font-medium ${link}`}>{agent.name}</Link> <span className="text-xs text-muted">persona v{agent.personaVersion}</span></td>
      <Cell name="Accounts"><Accounts accounts={s?.accounts ?? []} /></Cell>
      <Cell name="Campaigns"><Progress agentId={agent.id} s={s} /></Cell>
      <Cell name="Waits for"><WaitsFor agentId={agent.id} s={s} /></Cell>
      <Cell name="Spent, 30 d"><span className="tabular-nums">{moneyOf(s?.spentMicros30d ?? 0n)}</span></Cell>
      <Cell name="Last post">{s?.lastPostAt ? <Link href={path(s.lastPostId ? `posts/${s.lastPostId}` : "posts")} className={link}><RelativeTime at={s.lastPostAt} /></Link> : <span className="text-muted">none yet</span>}</Cell>
    </tr>
  );
}

function Accounts({ accounts }: { accounts: AgentSummary["accounts"] }) {
  if (accounts.length === 0) return <span className="text-muted">none connected</span>;
  return (
    <ul className="grid gap-0.5">
      {accounts.map((a) => {
        const look = accountHealths[a.health];
        return <li key={a.id} className="flex flex-wrap items-center gap-x-1.5"><Dot tone={look.tone} /><span className="break-all">{a.handle}</span><span className="text-xs text-muted">{platformName(a.platform)}{a.health === AccountHealth.OK ? "" : `, ${look.label}`}</span><span className="sr-only">{look.label}</span></li>;
      })}
    </ul>
  );
}

function Progress({ agentId, s }: { agentId: string; s: AgentSummary | undefined }) {
  const path = useTenantPath();
  if (!s || s.campaignsRunning === 0) return <span className="text-muted">none runs</span>;
  const share = s.tasksTotal > 0 ? s.tasksDone / s.tasksTotal : 0;
  return (
    <div className="grid max-w-44 gap-1">
      <p className="flex flex-wrap justify-between gap-x-2"><Link href={path(`campaigns?agent=${agentId}&state=running`)} className={link}>{s.campaignsRunning} running</Link>{s.tasksTotal > 0 ? <span className="text-xs text-muted tabular-nums">{s.tasksDone} of {s.tasksTotal} steps</span> : null}</p>
      {s.tasksTotal > 0 ? <Meter share={share} tone="ok" mark={false} label="Steps done" className="h-1" /> : null}
    </div>
  );
}

/** The one it waits for first: a person, then a secret, then the system itself. */
function WaitsFor({ agentId, s }: { agentId: string; s: AgentSummary | undefined }) {
  const path = useTenantPath();
  const dead = s?.accounts.filter((a) => a.health === AccountHealth.CREDENTIAL_DEAD).length ?? 0;
  const lines: ReactNode[] = [];
  if (s && s.waitingReviews > 0) lines.push(<Link key="r" href={path(`reviews?agent=${agentId}`)} className={`font-medium text-wait ${link}`}>a reviewer, {s.waitingReviews} {s.waitingReviews === 1 ? "item" : "items"}{s.waitingOldestAt ? <span className="font-normal text-muted">, since <RelativeTime at={s.waitingOldestAt} /></span> : null}</Link>);
  if (s && s.unknownEffects > 0) lines.push(<Link key="u" href={path("system?effects=open")} className={`font-medium text-unknown ${link}`}>a word on {s.unknownEffects} {s.unknownEffects === 1 ? "outcome" : "outcomes"}</Link>);
  if (dead > 0) lines.push(<Link key="d" href={path(`agents/${agentId}`)} className={`font-medium text-bad ${link}`}>a working secret</Link>);
  if (lines.length === 0) lines.push(<span key="n" className="text-muted">{s && s.tasksRunning > 0 ? `nobody, ${s.tasksRunning} ${s.tasksRunning === 1 ? "task" : "tasks"} in work` : "nobody"}</span>);
  return <div className="grid gap-0.5">{lines}</div>;
}

function Cell({ name, children }: { name: string; children: ReactNode }) {
  return (
    <td className="px-3 py-2 max-md:grid max-md:grid-cols-[5.5rem_minmax(0,1fr)] max-md:gap-2 max-md:p-0">
      <span aria-hidden className="text-xs text-muted md:hidden">{name}</span>
      <div className="min-w-0">{children}</div>
    </td>
  );
}
