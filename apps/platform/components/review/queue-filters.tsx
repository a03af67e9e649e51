"use client";
import { noFilter, stateChoices, type ReviewFilter, type StateChoice } from "@/app/t/[tenant]/reviews/params";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/field";
import { useAccounts, useAgents, useCampaigns } from "@/lib/fleet/use-fleet";

const words: Record<StateChoice, string> = { open: "Waiting", approved: "Approved", rejected: "Rejected", changes: "Changes requested", expired: "Expired", cancelled: "Cancelled" };

type Props = { filter: ReviewFilter; onChange: (next: Partial<ReviewFilter>) => void };

/** Each choice is in the URL, so a filtered queue can be sent to a colleague. */
export default function QueueFilters({ filter, onChange }: Props) {
  const campaigns = [...useCampaigns().values()];
  const agents = [...useAgents().values()];
  const accounts = [...useAccounts().values()];
  const platforms = [...new Set(accounts.map((a) => a.platform))].sort();
  return (
    <div className="grid grid-cols-2 gap-1.5 border-b border-line bg-sunken p-2 [&_select]:px-1.5">
      <Select aria-label="State" value={filter.state} onChange={(e) => onChange({ state: e.target.value as StateChoice })}>
        {stateChoices.map((s) => <option key={s} value={s}>{words[s]}</option>)}
      </Select>
      <Select aria-label="Order" value={filter.order} onChange={(e) => onChange({ order: e.target.value === "newest" ? "newest" : "urgent" })}>
        <option value="urgent">Most urgent first</option>
        <option value="newest">Newest first</option>
      </Select>
      <Select aria-label="Platform" value={filter.platform ?? ""} onChange={(e) => onChange({ platform: e.target.value || null })}>
        <option value="">All platforms</option>
        {platforms.map((p) => <option key={p} value={p}>{p}</option>)}
      </Select>
      <Select aria-label="Agent" value={filter.agent ?? ""} onChange={(e) => onChange({ agent: e.target.value || null })}>
        <option value="">All agents</option>
        {agents.map((a) => <option key={a.id} value={a.id}>{a.name}</option>)}
      </Select>
      <Select aria-label="Campaign" value={filter.campaign ?? ""} onChange={(e) => onChange({ campaign: e.target.value || null })}>
        <option value="">All campaigns</option>
        {campaigns.map((c) => <option key={c.id} value={c.id}>{c.name}</option>)}
      </Select>
      <Select aria-label="Account" value={filter.account ?? ""} onChange={(e) => onChange({ account: e.target.value || null })}>
        <option value="">All accounts</option>
        {accounts.map((a) => <option key={a.id} value={a.id}>{a.handle} ({a.platform})</option>)}
      </Select>
      <label className="flex items-center gap-2 px-1 max-sm:min-h-11">
        <input type="checkbox" className="size-4 accent-(--accent)" checked={filter.snoozed === "with"} onChange={(e) => onChange({ snoozed: e.target.checked ? "with" : null })} />
        Snoozed too
      </label>
      <Button size="sm" variant="ghost" className="justify-self-end max-sm:h-11" onClick={() => onChange(noFilter)}>Clear all</Button>
    </div>
  );
}
