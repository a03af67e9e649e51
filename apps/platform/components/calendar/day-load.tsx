import { CalendarEntryKind, type CalendarEntry } from "@chimera/gen/chimera/platform/v1/calendar_service_pb";
import { TaskState } from "@chimera/gen/chimera/platform/v1/plan_service_pb";

/** What a day asks of people: how many are out, planned, and wait for a review. */
export function DayLoad({ entries }: { entries: CalendarEntry[] }) {
  const out = entries.filter((e) => e.kind === CalendarEntryKind.POST).length;
  const waits = entries.filter((e) => e.state === TaskState.AWAITING_REVIEW).length;
  const planned = entries.length - out;
  const parts = [out > 0 && `${out} out`, planned > 0 && `${planned} planned`].filter(Boolean).join(" · ");
  return (
    <span className="block min-h-4 text-2xs font-normal text-muted">
      {parts}{waits > 0 ? <>{parts ? " · " : ""}<span className="font-medium text-wait">{waits} to review</span></> : null}
    </span>
  );
}
