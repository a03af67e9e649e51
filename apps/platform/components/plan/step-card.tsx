"use client";
import { TaskState, type Task } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { Send, TriangleAlert } from "lucide-react";
import { moneyOf } from "@/components/campaign/money";
import { taskStates } from "@/components/state/states";
import { cn } from "@/components/ui/classes";
import { Badge, Dot, type Tone } from "@/components/ui/small";
import { CARD, leftOf, topOf } from "./geometry";
import { nodeName, type Placed } from "./layout";

const edges: Record<Tone, string> = { wait: "before:bg-wait", active: "before:bg-active", ok: "before:bg-ok", bad: "before:bg-bad", unknown: "before:bg-unknown", off: "before:bg-off/50" };

type Props = { placed: Placed; after: string[]; account: string; open: boolean; fresh: boolean; onOpen: (taskId: string) => void };

/** One step: what, for whom, how it stands, which try. A press opens its task. */
export function StepCard({ placed, after, account, open, fresh, onOpen }: Props) {
  const { task, key } = placed.node;
  const look = task ? taskStates[task.state] : { label: "not planned yet", tone: "off" as const };
  return (
    <li style={{ left: leftOf(placed), top: topOf(placed), ...CARD }} className="absolute">
      <button
        type="button" disabled={!task} aria-pressed={open} onClick={() => task && onOpen(task.id)}
        className={cn(
          "relative flex size-full flex-col gap-0.5 overflow-hidden rounded-md border border-line-strong/60 bg-raised py-1.5 pr-2 pl-3 text-left hover:border-line-strong hover:bg-hover before:absolute before:inset-y-0 before:left-0 before:w-1",
          edges[look.tone], task?.state === TaskState.BLOCKED && "border-dashed", open && "border-accent bg-selected ring-1 ring-accent",
        )}
      >
        <span className="flex w-full items-center gap-1.5">
          <span className="min-w-0 truncate font-semibold">{nodeName(key).step}</span>
          {task?.kind === "effect" ? <Send className="size-3 shrink-0 text-muted" aria-label="acts on the platform" /> : null}
          {task?.tainted ? <TriangleAlert className="size-3 shrink-0 text-wait" aria-label="holds outside text" /> : null}
          <span className="flex-1" />
          {fresh ? <Badge tone="active" className="leading-4">new</Badge> : null}
        </span>
        <span title={account} className="w-full truncate text-xs text-muted">{account || task?.tool || "–"}</span>
        <span className="mt-auto flex w-full items-center gap-1.5 text-xs">
          <Dot tone={look.tone} className="size-1.5" />
          <span className="font-medium">{look.label}</span>
          <span className="flex-1" />
          {task ? <Facts task={task} /> : null}
        </span>
        {after.length > 0 ? <span className="sr-only">after {after.join(", ")}</span> : null}
      </button>
    </li>
  );
}

function Facts({ task }: { task: Task }) {
  return (
    <span className="truncate text-muted">
      {task.attempt > 0 ? <span title={`At most ${task.maxAttempts} tries`}>try {task.attempt}/{task.maxAttempts}</span> : null}
      {task.costMicros > 0n ? ` · ${moneyOf(task.costMicros)}` : ""}
    </span>
  );
}
