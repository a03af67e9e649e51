"use client";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { CalendarService } from "@chimera/gen/chimera/platform/v1/calendar_service_pb";
import { useQuery } from "@connectrpc/connect-query";
import { dayAndMonth, dayOf, timeOfDay, weekday } from "@/lib/time/days";
import { Voids } from "./voids";
import type { Move } from "./use-dragging";

/** While an entry is dragged: what dropping it here would void. */
export function MoveHint({ move: { entry, to } }: { move: Move }) {
  const preview = useQuery(CalendarService.method.movePlanned, { taskId: entry.taskId, stateVersion: entry.stateVersion, to: timestampFromMs(to), preview: true }, { staleTime: 5_000, retry: false });
  const day = dayOf(to);
  return (
    <div role="status" className="pointer-events-none fixed bottom-4 left-1/2 z-30 w-[min(30rem,calc(100vw-2rem))] -translate-x-1/2 rounded-lg border border-line bg-raised p-3 shadow-raised">
      <p className="pb-1.5 font-semibold">Drop for {weekday(day)} {dayAndMonth(day)}, {timeOfDay(to)}</p>
      {preview.data ? <Voids answer={preview.data} /> : <p className="text-muted">{preview.error ? "It cannot be moved there." : "Looking what this voids…"}</p>}
    </div>
  );
}
