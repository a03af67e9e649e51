import type { Campaign } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { cn } from "@/components/ui/classes";

/** How far the current plan is, as a bar and in words: what waits for a person is named first. */
export function CountsBar({ campaign }: { campaign: Campaign }) {
  const c = campaign.counts;
  if (!c || c.total === 0) return <p className="text-xs text-muted">{campaign.planVersion > 0 ? `plan version ${campaign.planVersion}` : "no plan yet"}</p>;
  const parts = [
    { count: c.done, fill: "bg-ok" }, { count: c.running, fill: "bg-active" }, { count: c.waitingHuman, fill: "bg-wait" }, { count: c.failed, fill: "bg-bad" },
  ];
  const words = [
    c.waitingHuman > 0 && { text: `${c.waitingHuman} for a person`, className: "font-medium text-wait" },
    c.failed > 0 && { text: `${c.failed} failed`, className: "font-medium text-bad" },
    c.running > 0 && { text: `${c.running} running`, className: "text-active" },
    { text: `${c.done} of ${c.total} done`, className: "text-muted" },
  ].filter((w) => w !== false);
  return (
    <div className="grid gap-1 text-xs">
      <span aria-hidden className="flex h-1.5 overflow-hidden rounded-full bg-sunken ring-1 ring-line">
        {parts.filter((p) => p.count > 0).map((p) => <span key={p.fill} className={p.fill} style={{ width: `${(p.count / c.total) * 100}%` }} />)}
      </span>
      <p className="flex flex-wrap gap-x-2">{words.map((w) => <span key={w.text} className={cn(w.className)}>{w.text}</span>)}</p>
    </div>
  );
}
