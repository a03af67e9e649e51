"use client";
import { StopService, type Stop } from "@chimera/gen/chimera/platform/v1/stop_service_pb";
import { useQueryStates } from "nuqs";
import { useState } from "react";
import { stopChoices, stopsInput, systemParams } from "@/app/t/[tenant]/system/params";
import { Empty } from "@/components/panel/empty";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { MoreButton } from "@/components/panel/more-button";
import { Panel } from "@/components/panel/panel";
import { RelativeTime } from "@/components/panel/relative-time";
import ReleaseDialog from "@/components/shell/release-dialog";
import { StopEffect } from "@/components/shell/stop-effect";
import { stopSubject, useStops } from "@/components/shell/use-stops";
import { StateBadge } from "@/components/state/state-badge";
import { Button } from "@/components/ui/button";
import { usePages } from "@/lib/rpc/use-pages";
import { useSession } from "@/lib/session/use-session";
import { Choices } from "./choices";

/** The stops that are on, and the past ones: who pressed and released them, and why. */
export function Stops() {
  const [url, setUrl] = useQueryStates(systemParams);
  const pages = usePages(StopService.method.listStops, stopsInput(url.stops));
  const { may } = useSession();
  const [releasing, setReleasing] = useState<Stop>();
  // The frame reads the active ones again while their calls are ending.
  const latest = new Map(useStops().data?.stops.map((s) => [s.id, s]));
  return (
    <Panel title="Stops" aside={<Choices label="Stops" choices={stopChoices} words={{ active: "On now", all: "All" }} value={url.stops} onChange={(stops) => void setUrl({ stops })} />}>
      <Loaded query={pages} skeleton={<Skeletons rows={2} />}>
        {(data) => {
          const stops = data.pages.flatMap((p) => p.stops);
          if (stops.length === 0) return <Empty title={url.stops === "active" ? "Nothing is stopped" : "Nothing was ever stopped"}>The stop switch is in the header of every page.</Empty>;
          return (
            <ul className="divide-y divide-line">
              {stops.map((s) => (
                <li key={s.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
                  <StateBadge look={s.releasedAt ? { label: "released", tone: "off" } : { label: "on", tone: "bad" }} />
                  <span className="min-w-0 flex-1 basis-64 break-words">
                    <span className="font-medium">{stopSubject(s)}</span> <span className="text-muted">“{s.reason}”, pressed by {s.pressedByName || s.pressedBy} <RelativeTime at={s.pressedAt} />{s.releasedAt ? <>, released by {s.releasedByName || s.releasedBy} <RelativeTime at={s.releasedAt} /></> : null}</span>
                    <span className="block text-muted"><StopEffect stop={latest.get(s.id) ?? s} /></span>
                  </span>
                  {!s.releasedAt && may(StopService.method.releaseStop) ? <Button size="sm" onClick={() => setReleasing(s)}>Release…</Button> : null}
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
      <MoreButton pages={pages} />
      {releasing ? <ReleaseDialog stop={releasing} subject={stopSubject(releasing)} onClose={() => { setReleasing(undefined); void pages.refetch(); }} /> : null}
    </Panel>
  );
}
