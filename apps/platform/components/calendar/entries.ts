import type { CalendarEntry } from "@chimera/gen/chimera/platform/v1/calendar_service_pb";
import { dayOf, type Day } from "@/lib/time/days";
import { atOf } from "./entry-look";
import type { Dragging } from "./use-dragging";

export type Lane = { id: string; name: string; entries: { day: Day; entry: CalendarEntry }[] };

/** What every view of the calendar is given. */
export type Shown = {
  days: readonly Day[];
  lanes: readonly Lane[];
  byDay: (day: Day) => CalendarEntry[];
  today: Day;
  drag: Dragging;
  onOpen: (entry: CalendarEntry) => void;
};

/** Entries by the viewer's days, and by persona; a persona without one has no lane. */
export function arrange(entries: readonly CalendarEntry[], days: readonly Day[]) {
  const within = entries.map((entry) => ({ day: dayOf(atOf(entry)), entry })).filter(({ day }) => days.includes(day)).sort((a, b) => atOf(a.entry) - atOf(b.entry));
  const lanes = new Map<string, Lane>();
  for (const e of within) {
    const lane = lanes.get(e.entry.agentId) ?? { id: e.entry.agentId, name: e.entry.agentName || "…", entries: [] };
    lane.entries.push(e);
    lanes.set(lane.id, lane);
  }
  return {
    lanes: [...lanes.values()].sort((a, b) => a.name.localeCompare(b.name)),
    byDay: (day: Day) => within.filter((e) => e.day === day).map((e) => e.entry),
  };
}
