"use client";
import type { Headroom } from "@chimera/gen/chimera/platform/v1/system_service_pb";
import { Meter } from "@/components/chart/meter";
import { platformName } from "@/components/state/platform";
import { span } from "@/lib/time/relative";
import { Gauge } from "./gauges";

/** The server names the fullest first. */
const SHOWN = 3;

/** What accounts may still publish before their limit holds them back. */
export function HeadroomGauge({ headroom }: { headroom: readonly Headroom[] }) {
  const shareOf = (h: Headroom) => (h.limit > 0 ? h.used / h.limit : 1);
  const full = headroom.filter((h) => shareOf(h) >= 1).length;
  const fullest = headroom[0];
  return (
    <Gauge name="Limit headroom" href="agents" value={fullest ? `${Math.max(0, fullest.limit - fullest.used)} left` : "–"} detail={fullest ? (full > 0 ? `${full} at their limit` : "at the fullest account") : "no account publishes yet"}>
      <ul className="grid gap-1.5">
        {headroom.slice(0, SHOWN).map((h) => (
          <li key={`${h.accountId} ${h.windowSeconds}`} className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-2 gap-y-0.5 text-xs">
            <span className="truncate text-muted" title={`${h.handle} on ${platformName(h.platform)}`}>{h.handle}</span>
            <span className="tabular-nums">{h.used} of {h.limit} <span className="text-muted">in {span(Number(h.windowSeconds))}</span></span>
            <span className="col-span-2"><Meter share={shareOf(h)} label={`${h.handle}, used`} className="h-1" /></span>
          </li>
        ))}
      </ul>
      {headroom.length > SHOWN ? <p className="text-xs text-muted">and {headroom.length - SHOWN} more</p> : null}
    </Gauge>
  );
}
