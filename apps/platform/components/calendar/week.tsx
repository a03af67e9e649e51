"use client";
import type { CalendarEntry } from "@chimera/gen/chimera/platform/v1/calendar_service_pb";
import { useState } from "react";
import { cn } from "@/components/ui/classes";
import { dayAndMonth, weekday, wholeDay, type Day } from "@/lib/time/days";
import { DayLoad } from "./day-load";
import { EntryCard } from "./entry-card";
import { keyOf } from "./entry-look";
import type { Lane, Shown } from "./entries";

/** What is latest matters most on a full day; the earlier ones are one press away. */
const PER_DAY = 6;

/** A lane for each persona, a column for each day. */
export function Week({ days, lanes, byDay, today, drag, onOpen }: Shown) {
  return (
    <div role="region" aria-label="Week" tabIndex={0} className="scroll-thin overflow-x-auto" data-entries>
      <table className="w-full min-w-[62rem] table-fixed border-collapse">
        <thead>
          <tr className="border-b border-line">
            <th scope="col" className="w-32 px-3 py-1.5 text-left align-top font-medium text-muted">Persona</th>
            {days.map((d) => (
              <th key={d} scope="col" aria-current={d === today ? "date" : undefined} className={cn("border-l border-line px-2 py-1.5 text-left align-top font-medium", d === today && "bg-selected")}>
                <span className="flex items-baseline gap-1.5"><span className={d === today ? "text-accent" : "text-muted"}>{weekday(d)}</span><span>{dayAndMonth(d)}</span></span>
                <DayLoad entries={byDay(d)} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lanes.map((lane) => (
            <tr key={lane.id} className="border-b border-line last:border-b-0">
              <th scope="row" className="px-3 py-2 text-left align-top font-medium break-words">{lane.name}</th>
              {days.map((d) => <Cell key={d} day={d} lane={lane} entries={lane.entries.filter((e) => e.day === d).map((e) => e.entry)} today={today} drag={drag} onOpen={onOpen} />)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type CellProps = Pick<Shown, "today" | "drag" | "onOpen"> & { day: Day; lane: Lane; entries: CalendarEntry[] };

function Cell({ day, lane, entries, today, drag, onOpen }: CellProps) {
  const legal = drag.legal(day, lane.id);
  const [whole, setWhole] = useState(false);
  const hidden = whole || entries.length <= PER_DAY ? 0 : entries.length - PER_DAY + 1;
  return (
    <td
      {...drag.target(day, lane.id)} data-day={day} aria-label={`${lane.name}, ${wholeDay(day)}`}
      className={cn(
        "h-24 border-l border-line p-1 align-top", day === today && "bg-selected/40", day < today && "bg-sunken/50",
        drag.entry && (legal ? "bg-active-soft/60" : "bg-sunken opacity-60"), drag.over === day && legal && "outline-2 -outline-offset-2 outline-accent",
      )}
    >
      <div className="grid gap-1">
        {hidden > 0 ? <button type="button" onClick={() => setWhole(true)} className="rounded-sm px-1 text-left text-xs text-accent hover:underline">{hidden} earlier</button> : null}
        {entries.slice(hidden).map((e) => <EntryCard key={keyOf(e)} entry={e} drag={drag} onOpen={onOpen} />)}
      </div>
    </td>
  );
}
