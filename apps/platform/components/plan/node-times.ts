import { TaskState, type PlanNode } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { msOf } from "@/lib/time/relative";
import type { Stretch } from "./time-scale";

/** When a step was made, worked on and waited for a person. Milliseconds since the epoch. */
export type NodeTimes = { made?: number; work: Stretch[]; gate?: Stretch & { open: boolean }; planned?: number };

const UNDER_WAY: ReadonlySet<TaskState> = new Set([TaskState.QUEUED, TaskState.RUNNING, TaskState.JUDGING]);

/** Reads a step's times; what goes on ends now. */
export function timesOf({ task, gate, plannedAt }: PlanNode, now: number): NodeTimes {
  const finished = msOf(task?.finishedAt);
  // What ended before starts were recorded stands as a point at its end.
  const started = msOf(task?.startedAt) ?? finished;
  const opened = msOf(gate?.openedAt);
  const decided = msOf(gate?.decidedAt);
  // Only what is under way lasts until now; an approved step may wait days for its time.
  const end = finished ?? (started === undefined ? undefined : task && UNDER_WAY.has(task.state) ? Math.max(now, started) : started);
  const wait = opened === undefined ? undefined : { from: opened, to: decided ?? (gate?.state === "open" ? Math.max(now, opened) : finished ?? opened), open: gate?.state === "open" };
  const work = started === undefined || end === undefined ? [] : wait && wait.from >= started
    ? [{ from: started, to: wait.from }, ...(wait.open || end <= wait.to ? [] : [{ from: wait.to, to: end }])]
    : [{ from: started, to: end }];
  return { made: msOf(task?.createdAt), work, gate: wait, planned: msOf(plannedAt) };
}

/** How long work took, without the wait for a person. Milliseconds; undefined before it began. */
export function workedMs(times: NodeTimes): number | undefined {
  return times.work.every((w) => w.to === w.from) ? undefined : times.work.reduce((sum, w) => sum + w.to - w.from, 0);
}
