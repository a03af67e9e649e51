"use client";
import type { Playbook } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { Panel } from "@/components/panel/panel";
import { useAgents } from "@/lib/fleet/use-fleet";
import { unitSeconds, type CampaignFields } from "./campaign-schema";
import { span } from "@/lib/time/relative";
import { PlaybookSteps } from "./playbook-steps";

/** What the fields come to, in sentences and steps, while they are typed. */
export function PlanPreview({ fields, playbook }: { fields: CampaignFields; playbook: Playbook | undefined }) {
  const agent = useAgents().get(fields.agentId)?.name ?? "The agent";
  const accounts = fields.accountIds.length;
  const feeds = fields.feeds.split(/\s+/).filter(Boolean).length;
  const from = [feeds > 0 && `${feeds} ${feeds === 1 ? "feed" : "feeds"}`, fields.hackerNews && "Hacker News"].filter(Boolean).join(" and ");
  const free = !Number(fields.budget);
  return (
    <Panel title="What will happen" className="xl:sticky xl:top-4">
      <div className="grid gap-4 p-3">
        <p>
          {agent} drafts {accounts > 1 ? `one post for each of ${accounts} accounts` : "one post"}{from ? ` from what is in ${from}` : ""}. Nothing is out before a person has approved it; {accounts > 1 ? "each proposal" : "the proposal"} is worth publishing for {lasting(fields.slot) ?? "24h"}.{" "}
          {free ? "Nothing may cost: only free tools and models are used." : `It may spend up to ${fields.budget}; a step beyond that is not started.`}
        </p>
        {playbook ? <PlaybookSteps playbook={playbook} accounts={accounts} /> : null}
        <p className="text-xs text-muted">Each start makes one such plan. Run the campaign anew for the next post: what was learnt is recalled then.</p>
      </div>
    </Panel>
  );
}

const lasting = ({ amount, unit }: CampaignFields["slot"]) => (/^\d{1,7}$/.test(amount.trim()) ? span(Number(amount) * unitSeconds[unit]) : undefined);
