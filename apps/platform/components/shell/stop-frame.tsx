"use client";
import { StopService, type Stop } from "@chimera/gen/chimera/platform/v1/stop_service_pb";
import { OctagonX } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { RelativeTime } from "@/components/panel/relative-time";
import { Button } from "@/components/ui/button";
import { useSession } from "@/lib/session/use-session";
import { StopEffect } from "./stop-effect";
import { stopSubject, useStops } from "./use-stops";

const ReleaseDialog = lazy(() => import("./release-dialog"));

/** While any stop is on: a band above everything and a border around it, on every page. */
export function StopFrame() {
  const stops = useStops().data?.stops ?? [];
  return stops.length > 0 ? <Band stops={stops} /> : null;
}

function Band({ stops }: { stops: Stop[] }) {
  const [releasing, setReleasing] = useState<Stop>();
  const { may } = useSession();
  return (
    <>
      <div aria-hidden className="pointer-events-none fixed inset-0 z-30 border-4 border-stop" />
      <div role="alert" className="bg-stop text-on-stop">
        {stops.slice(0, 3).map((stop) => (
          <div key={stop.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-1.5">
            <OctagonX className="size-4 shrink-0" aria-hidden />
            <p className="min-w-0 flex-1"><strong>Stopped: {stopSubject(stop)}.</strong> {stop.reason} <span aria-hidden>·</span> <span className="whitespace-nowrap">{stop.pressedByName || stop.pressedBy}, <RelativeTime at={stop.pressedAt} /></span> <span aria-hidden>·</span> <StopEffect stop={stop} /></p>
            {may(StopService.method.releaseStop)
              ? <Button size="sm" className="border-on-stop/60 bg-transparent text-on-stop hover:bg-on-stop/15" onClick={() => setReleasing(stop)}>Release…</Button>
              : <span className="text-xs">An administrator can release it.</span>}
          </div>
        ))}
        {stops.length > 3 ? <p className="px-4 pb-1.5">and {stops.length - 3} more</p> : null}
      </div>
      {releasing ? <Suspense><ReleaseDialog stop={releasing} subject={stopSubject(releasing)} onClose={() => setReleasing(undefined)} /></Suspense> : null}
    </>
  );
}
