"use client";
import { campaignStateChoices, type CampaignsFilter, type CampaignStateChoice } from "@/app/t/[tenant]/campaigns/params";
import { Select } from "@/components/ui/field";
import { useAgents } from "@/lib/fleet/use-fleet";

const words: Record<CampaignStateChoice, string> = {
  all: "All states", draft: "Draft", running: "Running", paused: "Paused", completed: "Completed", failed: "Failed", cancelled: "Cancelled",
};

export function CampaignFilters({ filter, onChange }: { filter: CampaignsFilter; onChange: (next: Partial<CampaignsFilter>) => void }) {
  const agents = useAgents();
  return (
    <div className="grid grid-cols-2 gap-1.5 border-b border-line p-2 sm:flex sm:[&>select]:w-48">
      <Select aria-label="State" value={filter.state} onChange={(e) => onChange({ state: e.target.value as CampaignStateChoice })}>
        {campaignStateChoices.map((s) => <option key={s} value={s}>{words[s]}</option>)}
      </Select>
      <Select aria-label="Agent" value={filter.agent ?? ""} onChange={(e) => onChange({ agent: e.target.value || null })}>
        <option value="">All agents</option>
        {[...agents.values()].map((a) => <option key={a.id} value={a.id}>{a.name}</option>)}
      </Select>
    </div>
  );
}
