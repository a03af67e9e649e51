"use client";
import type { Duration } from "@bufbuild/protobuf/wkt";
import type { Campaign } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import type { ReactNode } from "react";
import { Panel } from "@/components/panel/panel";
import { SourceLink } from "@/components/evidence/source-list";
import { useAccounts } from "@/lib/fleet/use-fleet";
import { span } from "@/lib/time/relative";
import { moneyOf } from "@/lib/money";

/** What was asked for when the campaign was made; it does not change after that. */
export function CampaignFacts({ campaign }: { campaign: Campaign }) {
  const accounts = useAccounts();
  const p = campaign.parameters;
  return (
    <Panel title="Goal and settings">
      <dl className="grid gap-x-6 gap-y-3 p-3 sm:grid-cols-2 xl:grid-cols-3">
        <Fact word="Goal" className="sm:col-span-2 xl:col-span-3"><p className="max-w-prose break-words whitespace-pre-wrap">{campaign.goal}</p></Fact>
        <Fact word="Accounts">
          <ul>{campaign.accountIds.map((id) => <li key={id} className="break-words">{accounts.get(id)?.handle ?? "…"} <span className="text-muted">{accounts.get(id)?.platform}</span></li>)}</ul>
        </Fact>
        <Fact word="Feeds">
          <ul>
            {p?.feeds.map((f) => <li key={f} className="flex"><SourceLink url={f} words={f} /></li>)}
            {p?.hackerNews ? <li>Hacker News</li> : null}
          </ul>
        </Fact>
        <Fact word="Keywords">{p?.keywords.join(", ") || "none: every trend counts"}</Fact>
        <Fact word="A proposal is worth publishing for">{lasts(p?.slot, "24 hours, as not set otherwise")}</Fact>
        <Fact word="First metrics after">{lasts(p?.metricsAfter, "10 seconds, as not set otherwise")}</Fact>
        <Fact word="Budget">{p && p.budgetMicros > 0n ? `${moneyOf(campaign.spentMicros)} of ${moneyOf(p.budgetMicros)} spent` : "nothing may cost"}</Fact>
      </dl>
    </Panel>
  );
}

const lasts = (d: Duration | undefined, unset: string) => (d ? span(Number(d.seconds)) : unset);

function Fact({ word, className, children }: { word: string; className?: string; children: ReactNode }) {
  return <div className={className}><dt className="text-xs text-muted">{word}</dt><dd className="min-w-0 break-words">{children}</dd></div>;
}
