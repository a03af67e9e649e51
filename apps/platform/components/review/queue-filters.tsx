"use client";
import { stateChoices, type ReviewFilter, type StateChoice } from "@/app/t/[tenant]/reviews/params";
import { Select } from "@/components/ui/field";
import { useAccounts, useCampaigns } from "@/lib/fleet/use-fleet";

const words: Record<StateChoice, string> = { open: "Waiting", approved: "Approved", rejected: "Rejected", changes: "Changes requested", expired: "Expired", cancelled: "Cancelled" };

type Props = { filter: ReviewFilter; onChange: (next: Partial<ReviewFilter>) => void };

/** Each choice is in the URL, so a filtered queue can be sent to a colleague. */
export function QueueFilters({ filter, onChange }: Props) {
  const campaigns = useCampaigns();
  const accounts = useAccounts();
  return (
    <div className="grid grid-cols-3 gap-1.5 border-b border-line p-2">
      <Select aria-label="State" className="px-1.5" value={filter.state} onChange={(e) => onChange({ state: e.target.value as StateChoice })}>
        {stateChoices.map((s) => <option key={s} value={s}>{words[s]}</option>)}
      </Select>
      <Select aria-label="Campaign" className="px-1.5" value={filter.campaign ?? ""} onChange={(e) => onChange({ campaign: e.target.value || null })}>
        <option value="">All campaigns</option>
        {[...campaigns.values()].map((c) => <option key={c.id} value={c.id}>{c.name}</option>)}
      </Select>
      <Select aria-label="Account" className="px-1.5" value={filter.account ?? ""} onChange={(e) => onChange({ account: e.target.value || null })}>
        <option value="">All accounts</option>
        {[...accounts.values()].map((a) => <option key={a.id} value={a.id}>{a.handle} ({a.platform})</option>)}
      </Select>
    </div>
  );
}
