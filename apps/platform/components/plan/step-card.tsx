"use client";
import { TaskState, type PlanNode } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { CalendarClock, CircleAlert, CircleCheck, CircleX, Send, TriangleAlert, type LucideIcon } from "lucide-react";
import { moneyOf } from "@/lib/money";
import { taskStates } from "@/components/state/task";
import { cn } from "@/components/ui/classes";
import { Badge, Dot, type Tone } from "@/components/ui/small";
import { lasted } from "@/lib/time/relative";
import { useNow } from "@/lib/time/use-now";
import type { Change } from "./diff";
import { CARD, leftOf, topOf } from "./geometry";
import type { Placed } from "./layout";
import type { NodeWords } from "./node-name";
import { timesOf, workedMs } from "./node-times";

const edges: Record<Tone, string> = { wait: "before:bg-wait", active: "before:bg-active", ok: "before:bg-ok", bad: "before:bg-bad", unknown: "before:bg-unknown", off: "before:bg-off/50" };

const changed: Record<Change, { sign: string; tone: Tone; frame: string } | undefined> = {
  added: { sign: "+ added", tone: "ok", frame: "border-ok bg-ok-soft" },
  removed: { sign: "− removed", tone: "bad", frame: "border-dashed border-bad bg-bad-soft line-through" },
  anew: { sign: "↻ anew", tone: "active", frame: "border-active bg-active-soft" },
  moved: { sign: "→ moved", tone: "wait", frame: "border-wait bg-wait-soft" },
  same: undefined,
};

type Props = { placed: Placed; words: NodeWords; after: string[]; open: boolean; change: Change | undefined; dim: boolean; onOpen: (taskId: string) => void };

/** One step: what, for whom, how it stands, which try, what the Judge said and what it cost. A press opens its task. */
export function StepCard({ placed, words, after, open, change, dim, onOpen }: Props) {
  const { node } = placed;
  const { task } = node;
  const look = task ? taskStates[task.state] : { label: "not planned yet", tone: "off" as const };
  const mark = change && changed[change];
  return (
    <li style={{ left: leftOf(placed), top: topOf(placed), ...CARD }} className={cn("absolute", dim && "opacity-35")}>
      <button
        type="button" disabled={!task} aria-pressed={open} onClick={() => task && onOpen(task.id)}
        className={cn(
          "relative flex size-full flex-col gap-0.5 overflow-hidden rounded-md border border-line-strong/60 bg-raised py-1.5 pr-1.5 pl-3 text-left hover:border-line-strong hover:bg-hover before:absolute before:inset-y-0 before:left-0 before:w-1",
          edges[look.tone], task?.state === TaskState.BLOCKED && "border-dashed", mark?.frame, open && "border-accent bg-selected ring-1 ring-accent",
        )}
      >
        <span className="flex w-full items-center gap-1.5">
          <span title={words.title} className="min-w-0 flex-1 truncate font-semibold">{words.title}</span>
          {(task?.kind ?? node.kind) === "effect" ? <Send className="size-3 shrink-0 text-muted" aria-label="acts on the platform" /> : null}
          {task?.tainted ? <TriangleAlert className="size-3 shrink-0 text-wait" aria-label="holds outside text" /> : null}
          {node.plannedAt ? <CalendarClock className="size-3 shrink-0 text-accent" aria-label="a person set its time" /> : null}
        </span>
        <span title={words.account} className="w-full truncate text-xs text-muted">{words.account || task?.tool || node.tool || "–"}</span>
        <span className="mt-auto flex w-full items-center gap-1 text-xs">
          {mark ? <Badge tone={mark.tone} className="leading-4 no-underline">{mark.sign}</Badge> : <><Dot tone={look.tone} className="size-1.5" /><span className="shrink-0 font-medium">{look.label}</span></>}
          <Facts node={node} />
        </span>
        {after.length > 0 ? <span className="sr-only">after {after.join(", ")}</span> : null}
      </button>
    </li>
  );
}

const verdicts: Record<string, { Icon: LucideIcon; className: string; label: string }> = {
  approved: { Icon: CircleCheck, className: "text-ok", label: "judged: approved" },
  rejected: { Icon: CircleX, className: "text-bad", label: "judged: rejected" },
  requires_human_review: { Icon: CircleAlert, className: "text-wait", label: "judged: asks for a person" },
};

function Facts({ node }: { node: PlanNode }) {
  const now = useNow();
  const { task } = node;
  if (!task) return null;
  // While a person is waited for, there is room for that alone: the time axis below has both times.
  const worked = now && task.state !== TaskState.AWAITING_REVIEW ? workedMs(timesOf(node, now)) : undefined;
  const verdict = verdicts[task.lastVerdict];
  const parts = [task.attempt > 1 ? `try ${task.attempt}/${task.maxAttempts}` : "", worked === undefined ? "" : lasted(worked), task.costMicros > 0n ? moneyOf(task.costMicros) : ""].filter(Boolean);
  return (
    <>
      <span title={`Try ${task.attempt} of at most ${task.maxAttempts}`} className="ml-auto min-w-0 truncate text-muted">{parts.join(" · ")}</span>
      {verdict ? <verdict.Icon className={cn("size-3.5 shrink-0", verdict.className)} aria-label={verdict.label} /> : null}
    </>
  );
}
