"use client";
import { AgentService } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { PostService } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { ReviewService } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { useQuery } from "@connectrpc/connect-query";
import Link from "next/link";
import { Empty } from "@/components/panel/empty";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { Panel } from "@/components/panel/panel";
import { Button } from "@/components/ui/button";
import { useAccounts, useCampaigns } from "@/lib/fleet/use-fleet";
import { useTenantPath } from "@/lib/session/tenant";
import { useSession } from "@/lib/session/use-session";
import { AgentTableRow } from "./agent-table-row";
import { newestPosts, urgentReviews } from "./inputs";

/** The agents with their accounts' health, what runs, who is waited for, and the last post. */
export function AgentTable() {
  const query = useQuery(AgentService.method.listAgents, { pageSize: 200 }, { refetchInterval: 30_000 });
  const posts = useQuery(PostService.method.listPosts, newestPosts, { refetchInterval: 30_000 }).data?.posts ?? [];
  const reviews = useQuery(ReviewService.method.listReviews, urgentReviews, { refetchInterval: 15_000 }).data;
  const accounts = [...useAccounts().values()];
  const campaigns = [...useCampaigns().values()];
  const path = useTenantPath();
  const { may } = useSession();
  const create = may(AgentService.method.createAgent) ? <Button asChild size="sm"><Link href={path("agents/new")}>New agent</Link></Button> : null;
  return (
    <Panel title="Agents" aside={create}>
      <Loaded query={query} skeleton={<Skeletons rows={4} />}>
        {({ agents, nextPageToken }) => {
          if (agents.length === 0) return <Empty title="No agent yet" action={create}>Make one, connect an account to it, then start a campaign.</Empty>;
          return (
            <>
              <table className="w-full max-md:block">
                <thead className="border-b border-line text-left text-xs text-muted max-md:sr-only">
                  <tr>{["Agent", "Accounts", "Running", "Waits for", "Spent", "Last post"].map((h) => <th key={h} scope="col" className="px-3 py-1.5 font-medium">{h}</th>)}</tr>
                </thead>
                <tbody className="divide-y divide-line max-md:block">
                  {agents.map((agent) => {
                    const own = accounts.filter((a) => a.agentId === agent.id);
                    // Posts come newest first.
                    const last = posts.find((p) => own.some((a) => a.id === p.accountId));
                    return <AgentTableRow key={agent.id} agent={agent} accounts={own} campaigns={campaigns.filter((c) => c.agentId === agent.id)} reviews={reviews?.reviews.filter((r) => r.agentId === agent.id) ?? []} moreReviews={Boolean(reviews?.nextPageToken)} lastPost={last} />;
                  })}
                </tbody>
              </table>
              {nextPageToken ? <p className="px-3 py-2 text-muted">The newest 200 are shown. <Link href={path("agents")} className="text-accent underline underline-offset-2">All agents</Link></p> : null}
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}
