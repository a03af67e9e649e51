"use client";
import { cn } from "@/components/ui/classes";
import { wholeDay } from "@/lib/time/days";
import { DayLoad } from "./day-load";
import { EntryCard } from "./entry-card";
import { keyOf } from "./entry-look";
import type { Shown } from "./entries";

/** The days that have something, one below the other: for narrow screens. */
export function Agenda({ days, byDay, today, drag, onOpen }: Shown) {
  const filled = days.filter((d) => byDay(d).length > 0);
  return (
    <ol aria-label="Days" className="divide-y divide-line" data-entries>
      {filled.map((d) => (
        <li key={d} data-day={d} className="grid grid-cols-[minmax(0,1fr)] gap-1.5 p-3">
          <h3 className={cn("flex flex-wrap items-baseline gap-x-2 font-semibold", d === today && "text-accent")}>{wholeDay(d)}{d === today ? <span className="text-xs font-normal">today</span> : null}<DayLoad entries={byDay(d)} /></h3>
          {byDay(d).map((e) => <EntryCard key={keyOf(e)} entry={e} named drag={drag} onOpen={onOpen} />)}
        </li>
      ))}
    </ol>
  );
}
