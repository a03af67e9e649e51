import { CalendarEntryKind, type CalendarEntry } from "@chimera/gen/chimera/platform/v1/calendar_service_pb";
import { TaskState } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { type Look } from "@/components/state/look";
import { taskStates } from "@/components/state/task";
import { msOf } from "@/lib/time/relative";

/** What an entry is to a person, in the tones every page uses. */
export function entryLook(e: CalendarEntry): Look {
  if (e.kind === CalendarEntryKind.POST) return { label: "published", tone: "ok" };
  if (e.state === TaskState.BLOCKED) return isGhost(e) ? { label: "planned", tone: "off" } : { label: "drafted", tone: "active" };
  return taskStates[e.state];
}

/** Planned, with nothing written yet. */
export const isGhost = (e: CalendarEntry) => e.kind === CalendarEntryKind.PLANNED && e.excerpt === "";

/** Milliseconds since the epoch. */
export const atOf = (e: CalendarEntry): number => msOf(e.at) ?? 0;

/** Several posts may come of one task over time; a planned entry is its task. */
export const keyOf = (e: CalendarEntry) => e.postId || e.taskId;

export const platformNames: Record<string, string> = { bluesky: "Bluesky", mastodon: "Mastodon" };
