import type { PlanNode } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { CalendarClock } from "lucide-react";
import type { CSSProperties } from "react";
import { taskStates } from "@/components/state/task";
import { cn } from "@/components/ui/classes";
import { Dot, type Tone } from "@/components/ui/small";
import { exactly, lasted } from "@/lib/time/relative";
import { workedMs, type NodeTimes } from "./node-times";
import type { Scale, Stretch } from "./time-scale";

const fills: Record<Tone, string> = { wait: "bg-wait", active: "bg-active animate-pulse-soft", ok: "bg-ok", bad: "bg-bad", unknown: "bg-unknown", off: "bg-off" };

type Props = { node: PlanNode; times: NodeTimes; scale: Scale; name: string; open: boolean; dim: boolean; onOpen: (taskId: string) => void };

/** A step's bar; its text says the same for those who do not see it. */
export function TimelineRow({ node, times, scale, name, open, dim, onOpen }: Props) {
  const { task, gate } = node;
  const look = task ? taskStates[task.state] : { label: "not planned yet", tone: "off" as const };
  const worked = workedMs(times);
  const waited = times.gate ? times.gate.to - times.gate.from : undefined;
  const who = gate?.decidedByName || gate?.decidedBy;
  const words = [look.label, worked !== undefined && `worked ${lasted(worked)}`, waited !== undefined && `${times.gate?.open ? "waits" : "waited"} ${lasted(waited)} for ${who || "a person"}`].filter(Boolean).join(", ");
  const box = ({ from, to }: Stretch) => ({ left: `${scale.place(from) * 100}%`, width: `max(4px, ${(scale.place(to) - scale.place(from)) * 100}%)` });
  const stretches = [...times.work, ...(times.gate ? [times.gate] : [])];
  const room = roomFor(Math.min(1, ...stretches.map((w) => scale.place(w.from))), Math.max(0, ...stretches.map((w) => scale.place(w.to))), times.gate && { left: scale.place(times.gate.from), right: scale.place(times.gate.to) });
  const label = times.gate && waited !== undefined ? `${lasted(waited)}${who ? ` · ${who}` : ""}` : worked === undefined ? "" : lasted(worked);
  return (
    <li className={cn("grid grid-cols-[7.5rem_minmax(0,1fr)] gap-x-2 sm:grid-cols-[14rem_minmax(0,1fr)]", dim && "opacity-35")}>
      <button
        type="button" disabled={!task} aria-pressed={open} onClick={() => task && onOpen(task.id)} title={`${name}: ${words}`}
        className={cn("flex h-7 min-w-0 items-center gap-1.5 rounded-sm px-1 text-left text-xs hover:bg-hover max-sm:h-9", open && "bg-selected font-medium")}
      >
        <Dot tone={look.tone} className="size-1.5" />
        <span className="min-w-0 truncate">{name}</span>
        <span className="sr-only">: {words}</span>
      </button>
      <div aria-hidden className={cn("relative border-b border-line/60", open && "bg-selected/60")}>
        {times.gate ? <span className={cn("absolute top-1/2 h-3.5 -translate-y-1/2 rounded-sm border bg-wait-soft", times.gate.open ? "animate-pulse-soft border-wait" : "border-wait/60")} style={box(times.gate)} title={`${exactly(times.gate.from)} to ${times.gate.open ? "now" : exactly(times.gate.to)}`} /> : null}
        {times.work.map((w) => <span key={w.from} className={cn("absolute top-1/2 h-2.5 -translate-y-1/2 rounded-sm", fills[look.tone])} style={box(w)} title={`${exactly(w.from)} for ${lasted(w.to - w.from)}`} />)}
        {times.planned === undefined ? null : <CalendarClock className="absolute top-1/2 size-3.5 -translate-1/2 text-accent" style={{ left: `${scale.place(times.planned) * 100}%` }} />}
        {label ? <span className={cn("absolute top-1/2 -translate-y-1/2 px-1 text-2xs whitespace-nowrap text-muted", room.inside && "text-text")} style={room.style}>{label}</span> : null}
      </div>
    </li>
  );
}

/** What a label needs, as a share of the width. */
const LABEL = 0.16;

/** Where a bar's label is read best: in a long wait, else after the bar, else before it. */
function roomFor(start: number, end: number, wait: { left: number; right: number } | undefined): { inside: boolean; style: CSSProperties } {
  if (wait && wait.right - wait.left > LABEL) return { inside: true, style: { left: `${wait.left * 100}%` } };
  if (end <= 1 - LABEL || start < LABEL) return { inside: false, style: { left: `${Math.min(end, 1 - LABEL) * 100}%` } };
  return { inside: false, style: { right: `${(1 - start) * 100}%` } };
}
