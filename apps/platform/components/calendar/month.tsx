"use client";
import { cn } from "@/components/ui/classes";
import { addDays, weekday, wholeDay } from "@/lib/time/days";
import { EntryCard } from "./entry-card";
import { keyOf } from "./entry-look";
import type { Shown } from "./entries";

/** More would make the weeks too high to see the month at once; the rest is one press away. */
const PER_DAY = 3;

type Props = Shown & { month: string; onDay: (day: string) => void };

/** All weeks of a month; each day its first entries, and the way to all of them. */
export function Month({ days, byDay, today, month, drag, onOpen, onDay }: Props) {
  const weeks = Array.from({ length: days.length / 7 }, (_, w) => days.slice(w * 7, w * 7 + 7));
  const first = days[0] ?? today;
  return (
    <div role="region" aria-label="Month" tabIndex={0} className="scroll-thin overflow-x-auto" data-entries>
      <table className="w-full min-w-[48rem] table-fixed border-collapse">
        <thead><tr className="border-b border-line">{Array.from({ length: 7 }, (_, i) => <th key={i} scope="col" className="px-2 py-1.5 text-left text-xs font-medium text-muted">{weekday(addDays(first, i))}</th>)}</tr></thead>
        <tbody>
          {weeks.map((week) => (
            <tr key={week[0]} className="border-b border-line last:border-b-0">
              {week.map((d) => {
                const entries = byDay(d);
                const legal = drag.legal(d);
                return (
                  <td
                    key={d} {...drag.target(d)} data-day={d}
                    className={cn(
                      "h-28 border-l border-line p-1 align-top first:border-l-0", !d.startsWith(month) && "bg-sunken/60", d === today && "bg-selected/40",
                      drag.entry && (legal ? "bg-active-soft/60" : "bg-sunken opacity-60"), drag.over === d && legal && "outline-2 -outline-offset-2 outline-accent",
                    )}
                  >
                    <button type="button" aria-label={`${wholeDay(d)}: ${entries.length} entries. Show its week.`} aria-current={d === today ? "date" : undefined} onClick={() => onDay(d)} className={cn("mb-0.5 min-h-6 min-w-6 rounded-sm px-1 text-xs hover:bg-hover", d === today ? "font-semibold text-accent" : d.startsWith(month) ? "text-text" : "text-muted")}>{Number(d.slice(8))}</button>
                    <div className="grid gap-0.5">
                      {entries.slice(0, PER_DAY).map((e) => <EntryCard key={keyOf(e)} entry={e} dense drag={drag} onOpen={onOpen} />)}
                      {entries.length > PER_DAY ? <button type="button" onClick={() => onDay(d)} className="min-h-6 rounded-sm px-1 text-left text-xs text-accent hover:underline">+{entries.length - PER_DAY} more</button> : null}
                    </div>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
