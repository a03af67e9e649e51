"use client";
import type { Stop } from "@chimera/gen/chimera/platform/v1/stop_service_pb";
import { timeToSecond } from "@/lib/time/days";
import { lasted, msOf } from "@/lib/time/relative";
import { COARSE_MS, useNow } from "@/lib/time/use-now";

/** How far a stop has come: how many calls are still ending, and then from when on nothing was running any more. */
export function StopEffect({ stop }: { stop: Stop }) {
  const inBrowser = useNow(COARSE_MS) > 0; // only it knows the viewer's zone
  const pressed = msOf(stop.pressedAt);
  const quiet = msOf(stop.quietAt);
  if (pressed === undefined) return null;
  const at = inBrowser ? `Stopped at ${timeToSecond(pressed)}` : "Stopped";
  if (quiet !== undefined) return <>{at}, nothing was running any more {lasted(quiet - pressed)} later.</>;
  if (stop.releasedAt) return <>{at}, released before every call had ended.</>;
  if (stop.endingCalls > 0) return <>{at}, {stop.endingCalls} {stop.endingCalls === 1 ? "call" : "calls"} still ending.</>;
  return <>{at}, looking whether a call still runs.</>;
}
