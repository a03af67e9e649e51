"use client";
import { CalendarService, type CalendarEntry } from "@chimera/gen/chimera/platform/v1/calendar_service_pb";
import { useState, type DragEvent } from "react";
import { useSession } from "@/lib/session/use-session";
import { dayOf, momentOf, timeOfDay, type Day } from "@/lib/time/days";
import { atOf } from "./entry-look";

export type Move = { entry: CalendarEntry; to: number };
export type Dragging = ReturnType<typeof useDragging>;

/** Room to get there in time when a publication is moved to the day that runs. Milliseconds. */
const SOONEST_MS = 15 * 60_000;

/** The entry that is dragged and the day it is over. Dropping only asks: the move is confirmed in a dialog. */
export function useDragging(now: number, onDrop: (move: Move) => void) {
  const allowed = useSession().may(CalendarService.method.movePlanned);
  const [entry, setEntry] = useState<CalendarEntry>();
  const [over, setOver] = useState<Day>();
  /** A publication stays its persona's, and goes to another day that is not over. */
  const legal = (day: Day, lane?: string) => entry !== undefined && now > 0 && day >= dayOf(now) && day !== dayOf(atOf(entry)) && (lane === undefined || lane === entry.agentId);
  const end = () => {
    setEntry(undefined);
    setOver(undefined);
  };
  return {
    allowed, entry, over, legal, end,
    /** What a drop now would do. */
    move: entry && over && legal(over) ? { entry, to: targetOf(entry, over, now) } : undefined,
    start(e: DragEvent, dragged: CalendarEntry) {
      e.dataTransfer.effectAllowed = "move";
      e.dataTransfer.setData("text/plain", dragged.taskId);
      setEntry(dragged);
    },
    /** Handlers of a day that can be dropped on. */
    target: (day: Day, lane?: string) => legal(day, lane) ? {
      onDragOver(e: DragEvent) {
        e.preventDefault();
        if (over !== day) setOver(day);
      },
      onDrop(e: DragEvent) {
        e.preventDefault();
        if (entry) onDrop({ entry, to: targetOf(entry, day, now) });
        end();
      },
    } : {},
  };
}

/** The same time on another day, never in the past. */
const targetOf = (entry: CalendarEntry, day: Day, now: number) => Math.max(momentOf(day, timeOfDay(atOf(entry))), Math.ceil((now + SOONEST_MS) / 60_000) * 60_000);
