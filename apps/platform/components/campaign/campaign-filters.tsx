"use client";
import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { campaignStateChoices, type CampaignsFilter, type CampaignStateChoice } from "@/app/t/[tenant]/campaigns/params";
import { Input, Select } from "@/components/ui/field";
import { useAgents } from "@/lib/fleet/use-fleet";

const words: Record<CampaignStateChoice, string> = {
  all: "All states", draft: "Draft", running: "Running", paused: "Paused", completed: "Completed", failed: "Failed", cancelled: "Cancelled",
};

/** After the last key; each word typed would be a query else. Milliseconds. */
const TYPING_MS = 300;

type Props = { filter: CampaignsFilter; onChange: (next: Partial<CampaignsFilter>) => void };

export function CampaignFilters({ filter, onChange }: Props) {
  const agents = useAgents();
  return (
    <div className="grid grid-cols-2 gap-1.5 border-b border-line p-2 sm:flex sm:[&>select]:w-44">
      <Sought value={filter.query ?? ""} onChange={(query) => onChange({ query: query || null })} />
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

function Sought({ value, onChange }: { value: string; onChange: (query: string) => void }) {
  const [typed, setTyped] = useState<string>();
  useEffect(() => {
    if (typed === undefined) return;
    const timer = setTimeout(() => {
      onChange(typed.trim());
      setTyped(undefined);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, onChange]);
  return (
    <div className="relative col-span-2 min-w-0 flex-1">
      <Search aria-hidden className="absolute top-1/2 left-2.5 size-3.5 -translate-y-1/2 text-muted" />
      <Input aria-label="Search campaigns" placeholder="Search in names and goals" className="pl-8" value={typed ?? value} onChange={(e) => setTyped(e.target.value)} />
    </div>
  );
}
