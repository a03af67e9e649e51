"use client";
import Link from "next/link";
import { Empty } from "@/components/panel/empty";
import { Loaded } from "@/components/panel/loaded";
import { Panel } from "@/components/panel/panel";
import { useStatus } from "@/components/shell/use-status";
import { cn } from "@/components/ui/classes";
import { useTenantPath } from "@/lib/session/tenant";
import { span } from "@/lib/time/relative";

/** From this share on a limit is worth a look. */
const TIGHT = 0.8;

/** What each account may still publish in its window, the fullest first. */
export function Headroom() {
  const path = useTenantPath();
  return (
    <Panel title="Limits" aside={<Link href={path("policies")} className="text-accent underline underline-offset-2">Change them</Link>}>
      <Loaded query={useStatus()}>
        {({ headroom }) => headroom.length === 0 ? <Empty title="Nothing is counted yet">Once an account publishes, how much of its limit is used stands here.</Empty> : (
          <ul className="divide-y divide-line">
            {headroom.map((h) => {
              const share = h.limit > 0 ? h.used / h.limit : 0;
              return (
                <li key={h.accountId} className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto] items-center gap-3 px-3 py-2">
                  <span className="truncate">{h.handle} <span className="text-muted">on {h.platform}</span></span>
                  <span aria-hidden className="h-1.5 overflow-hidden rounded-full bg-sunken"><span className={cn("block h-full rounded-full", share >= 1 ? "bg-bad" : share >= TIGHT ? "bg-wait" : "bg-active")} style={{ width: `${Math.min(1, share) * 100}%` }} /></span>
                  <span className="text-right tabular-nums">{h.used} of {h.limit} <span className="text-muted">in {span(Number(h.windowSeconds))}</span>{share >= 1 ? <span className="text-bad"> full</span> : null}</span>
                </li>
              );
            })}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}
