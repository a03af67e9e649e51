"use client";
import { CalendarEntryKind, type CalendarEntry } from "@chimera/gen/chimera/platform/v1/calendar_service_pb";
import { GripVertical, Pin } from "lucide-react";
import { cn } from "@/components/ui/classes";
import { Dot, type Tone } from "@/components/ui/small";
import { dayOf, timeOfDay } from "@/lib/time/days";
import { msOf } from "@/lib/time/relative";
import { byArrows } from "./arrows";
import { atOf, entryLook, isGhost } from "./entry-look";
import { PlatformMark } from "./platform-mark";
import type { Dragging } from "./use-dragging";

const frames: Record<Tone, string> = {
  wait: "border-wait/55 bg-wait-soft", active: "border-active/55 bg-active-soft", ok: "border-ok/45 bg-raised",
  bad: "border-bad/55 bg-bad-soft", unknown: "border-unknown/55 bg-unknown-soft", off: "border-line-strong/60 bg-raised",
};

type Props = {
  entry: CalendarEntry;
  dense?: boolean;
  /** Names the persona, where no lane does. */
  named?: boolean;
  drag: Dragging;
  onOpen: (entry: CalendarEntry) => void;
};

/** A post, or a publication to come; what is not written yet is a ghost. A press opens it. */
export function EntryCard({ entry, dense = false, named = false, drag, onOpen }: Props) {
  const look = entryLook(entry);
  const at = atOf(entry);
  const end = msOf(entry.windowEnd);
  const ghost = isGhost(entry);
  const movable = entry.movable && drag.allowed;
  // A window that ends on another day would read as if it ended before it began.
  const time = `${timeOfDay(at)}${end && !dense && dayOf(end) === dayOf(at) ? `–${timeOfDay(end)}` : ""}`;
  return (
    <button
      type="button" data-entry draggable={movable} onDragStart={(e) => drag.start(e, entry)} onDragEnd={drag.end} onKeyDown={byArrows} onClick={() => onOpen(entry)}
      title={`${entry.agentName}, ${entry.campaignName}: ${look.label}`}
      className={cn(
        "group relative grid w-full gap-0.5 rounded-md border px-1.5 py-1 text-left text-xs hover:border-line-strong",
        frames[look.tone], ghost && "border-dashed bg-transparent text-muted", movable && "cursor-grab", drag.entry === entry && "opacity-40",
      )}
    >
      <span className="flex min-w-0 items-center gap-1">
        <PlatformMark platform={entry.platform} />
        <span className="shrink-0 font-medium tabular-nums">{time}</span>
        {entry.fixed && entry.kind === CalendarEntryKind.PLANNED ? <Pin className="size-3 shrink-0 text-accent" aria-label="its time was set by a person" /> : null}
        {dense ? <span aria-hidden className="shrink-0 text-2xs font-semibold text-muted">{initials(entry.agentName)}</span> : null}
        {dense ? <span className="min-w-0 flex-1 truncate">{entry.excerpt || entry.campaignName}</span> : <span className="min-w-0 flex-1 truncate text-muted">{entry.handle}</span>}
        <Dot tone={look.tone} className="size-1.5" />
        {movable && !dense ? <GripVertical aria-hidden className="-mr-1 size-3 shrink-0 text-muted opacity-0 group-hover:opacity-100 max-md:hidden" /> : null}
      </span>
      {dense ? <span className="sr-only">{entry.agentName}, {look.label}</span> : (
        <>
          <span className="line-clamp-2 leading-4 break-words">{entry.excerpt || (entry.kind === CalendarEntryKind.PLANNED ? "Not written yet" : "Without text")}</span>
          <span className="truncate text-2xs text-muted">{look.label} · {named ? `${entry.agentName} · ` : ""}{entry.campaignName}</span>
        </>
      )}
    </button>
  );
}

/** "NS" for "North Star": whose lane it is, where there is no room for the name. */
const initials = (name: string) => name.split(/\s+/).map((w) => w.slice(0, 1)).join("").slice(0, 2).toUpperCase();
