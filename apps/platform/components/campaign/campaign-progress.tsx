import type { Campaign } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { TaskState } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { type Look } from "@/components/state/look";
import { taskStates } from "@/components/state/task";
import { Dot, type Tone } from "@/components/ui/small";

const order: Tone[] = ["ok", "active", "wait", "unknown", "bad", "off"];

/** The API counts tasks by the state's own word, such as "awaiting_review". */
function lookOf(word: string): Look {
  const state = TaskState[word.toUpperCase() as keyof typeof TaskState];
  return state === undefined ? { label: word.replaceAll("_", " "), tone: "off" } : taskStates[state];
}

/** The current plan's steps by state, as a bar and in words. */
export function CampaignProgress({ campaign }: { campaign: Campaign }) {
  const parts = Object.entries(campaign.progress)
    .map(([word, count]) => ({ ...lookOf(word), count }))
    .filter((p) => p.count > 0)
    .sort((a, b) => order.indexOf(a.tone) - order.indexOf(b.tone));
  if (parts.length === 0) return null;
  return (
    <div className="grid gap-1.5">
      <div aria-hidden className="flex h-2 gap-px overflow-hidden rounded-full bg-line">
        {parts.map((p) => <span key={p.label} style={{ flexGrow: p.count }} className="flex"><Dot tone={p.tone} className="size-auto flex-1 rounded-none" /></span>)}
      </div>
      <ul aria-label="Steps of the current plan by state" className="flex flex-wrap gap-x-4 gap-y-0.5">
        {parts.map((p) => <li key={p.label} className="flex items-center gap-1.5"><Dot tone={p.tone} />{p.count} {p.label}</li>)}
      </ul>
    </div>
  );
}
