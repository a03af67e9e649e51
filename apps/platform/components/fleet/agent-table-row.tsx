"use client";
import type { Account } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import type { Agent } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { CampaignState, type Campaign } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import type { Post } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import type { Review } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import Link from "next/link";
import type { ReactNode } from "react";
import { moneyOf } from "@/components/campaign/money";
import { RelativeTime } from "@/components/panel/relative-time";
import { StateBadge } from "@/components/state/state-badge";
import { accountHealths } from "@/components/state/states";
import { useTenantPath } from "@/lib/session/tenant";

type Props = {
  agent: Agent; accounts: Account[]; campaigns: Campaign[]; lastPost: Post | undefined;
  /** The agent's among the most urgent open ones. */
  reviews: Review[];
  /** Whether open reviews lie beyond those, so that the count is a least. */
  moreReviews: boolean;
};

/** On small screens each cell is a line with its column's name before it. */
export function AgentTableRow({ agent, accounts, campaigns, lastPost, reviews, moreReviews }: Props) {
  const path = useTenantPath();
  const running = campaigns.filter((c) => c.state === CampaignState.RUNNING);
  const [oneAccount, ...others] = [...new Set(reviews.map((r) => r.accountId))];
  const spent = campaigns.reduce((sum, c) => sum + c.spentMicros, 0n);
  return (
    <tr className="align-top hover:bg-hover max-md:grid max-md:gap-1 max-md:px-3 max-md:py-2.5">
      <td className="min-w-0 px-3 py-2 max-md:p-0"><Link href={path(`agents/${agent.id}`)} className="font-medium hover:underline">{agent.name}</Link> <span className="text-xs text-muted">persona v{agent.personaVersion}</span></td>
      <Cell name="Accounts">
        {accounts.length === 0 ? <span className="text-muted">none connected</span> : (
          <ul className="grid gap-1">{accounts.map((a) => <li key={a.id} className="flex flex-wrap items-center gap-1.5"><span className="break-all">{a.handle}</span><span className="text-xs text-muted">{a.platform}</span><StateBadge look={accountHealths[a.health]} /></li>)}</ul>
        )}
      </Cell>
      <Cell name="Running">
        {running.length === 0 ? <span className="text-muted">nothing</span> : running.slice(0, 3).map((c) => <Link key={c.id} href={path(`campaigns/${c.id}`)} className="block break-words hover:underline">{c.name}</Link>)}
        {running.length > 3 ? <Link href={path(`campaigns?agent=${agent.id}&state=running`)} className="text-muted hover:underline">and {running.length - 3} more</Link> : null}
      </Cell>
      <Cell name="Waits for">{reviews.length > 0 ? <Link href={path(oneAccount && others.length === 0 ? `reviews?account=${oneAccount}` : "reviews")} className="text-wait hover:underline">a reviewer, {reviews.length}{moreReviews ? " or more" : ""} {reviews.length === 1 && !moreReviews ? "item" : "items"}</Link> : <span className="text-muted">{moreReviews ? "nobody urgently" : "nobody"}</span>}</Cell>
      <Cell name="Spent"><span className="tabular-nums">{moneyOf(spent)}</span></Cell>
      <Cell name="Last post">{lastPost ? <RelativeTime at={lastPost.publishedAt} /> : <span className="text-muted">none lately</span>}</Cell>
    </tr>
  );
}

function Cell({ name, children }: { name: string; children: ReactNode }) {
  return (
    <td className="px-3 py-2 max-md:grid max-md:grid-cols-[5.5rem_minmax(0,1fr)] max-md:gap-2 max-md:p-0">
      <span aria-hidden className="text-xs text-muted md:hidden">{name}</span>
      <div className="min-w-0">{children}</div>
    </td>
  );
}
