"use client";
import { ChevronLeft, ChevronRight } from "lucide-react";
import type { CalendarView } from "@/app/t/[tenant]/calendar/params";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/field";
import { useAgents } from "@/lib/fleet/use-fleet";
import { dayAndMonth, monthAndYear, type Day } from "@/lib/time/days";

type Props = {
  view: CalendarView; on: Day; days: readonly Day[]; agent: string | null;
  onStep: (n: number) => void;
  onChange: (next: { view?: CalendarView; on?: Day | null; agent?: string | null }) => void;
};

/** Which days, and whose. */
export function CalendarBar({ view, on, days, agent, onStep, onChange }: Props) {
  const agents = useAgents();
  const [first, last] = [days[0] ?? on, days.at(-1) ?? on];
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line p-2">
      <Button size="icon" aria-label={`The ${view} before`} onClick={() => onStep(-1)}><ChevronLeft /></Button>
      <Button size="icon" aria-label={`The ${view} after`} onClick={() => onStep(1)}><ChevronRight /></Button>
      <Button onClick={() => onChange({ on: null })}>Today</Button>
      <h2 aria-live="polite" className="min-w-40 flex-1 px-1 text-base font-semibold">{view === "week" ? `${dayAndMonth(first)} – ${dayAndMonth(last)} ${last.slice(0, 4)}` : monthAndYear(on)}</h2>
      <Select aria-label="Agent" value={agent ?? ""} onChange={(e) => onChange({ agent: e.target.value || null })} className="w-44">
        <option value="">All agents</option>
        {[...agents.values()].map((a) => <option key={a.id} value={a.id}>{a.name}</option>)}
      </Select>
      <div role="group" aria-label="View" className="flex">
        {(["week", "month"] as const).map((v) => <Button key={v} aria-pressed={v === view} variant={v === view ? "primary" : "plain"} className="rounded-none first:rounded-l-md last:rounded-r-md" onClick={() => onChange({ view: v })}>{v === "week" ? "Week" : "Month"}</Button>)}
      </div>
    </div>
  );
}
