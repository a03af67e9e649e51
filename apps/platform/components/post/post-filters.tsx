"use client";
import { effectChoices, type EffectChoice, type PostsFilter } from "@/app/t/[tenant]/posts/params";
import { Select } from "@/components/ui/field";
import { useAccounts, useCampaigns } from "@/lib/fleet/use-fleet";

const words: Record<EffectChoice, string> = {
  all: "All outcomes", prepared: "Prepared", sending: "Sending", confirmed: "Confirmed", unknown: "Outcome unknown", parked: "Needs your word", failed: "Failed",
};

export function PostFilters({ filter, onChange }: { filter: PostsFilter; onChange: (next: Partial<PostsFilter>) => void }) {
  const campaigns = useCampaigns();
  const accounts = useAccounts();
  if (filter.outcome) {
    return (
      <Select aria-label="Outcome" className="w-full sm:w-48" value={filter.outcome} onChange={(e) => onChange({ outcome: e.target.value as EffectChoice })}>
        {effectChoices.map((c) => <option key={c} value={c}>{words[c]}</option>)}
      </Select>
    );
  }
  return (
    <div className="grid w-full grid-cols-2 gap-1.5 sm:flex sm:w-auto sm:[&>select]:w-48">
      <Select aria-label="Campaign" value={filter.campaign ?? ""} onChange={(e) => onChange({ campaign: e.target.value || null })}>
        <option value="">All campaigns</option>
        {[...campaigns.values()].map((c) => <option key={c.id} value={c.id}>{c.name}</option>)}
      </Select>
      <Select aria-label="Account" value={filter.account ?? ""} onChange={(e) => onChange({ account: e.target.value || null })}>
        <option value="">All accounts</option>
        {[...accounts.values()].map((a) => <option key={a.id} value={a.id}>{a.handle} ({a.platform})</option>)}
      </Select>
    </div>
  );
}
