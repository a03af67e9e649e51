"use client";
import type { GetTaskResponse, Task } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { TriangleAlert } from "lucide-react";
import { moneyOf } from "@/lib/money";
import { Id } from "@/components/panel/copy-button";
import { RequestId } from "@/components/panel/problem-notice";
import { RelativeTime } from "@/components/panel/relative-time";
import { StateBadge } from "@/components/state/state-badge";
import { taskStates } from "@/components/state/task";
import { Badge } from "@/components/ui/small";
import { Attempt } from "./attempt";
import { ErrorLine } from "./error-line";
import { Json } from "@/components/panel/json";
import { VerdictCard } from "./verdict-card";

/** All that is known of one task: what it was asked, each attempt, and the verdicts on it. */
export function TaskRecord({ data, task }: { data: GetTaskResponse; task: Task }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4 p-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <StateBadge look={taskStates[task.state]} />
        {task.tainted ? <Badge tone="wait"><TriangleAlert />outside text</Badge> : null}
        <span className="font-mono text-xs">{task.tool}</span>
        <span className="text-xs text-muted">{task.kind}, {task.mode}</span>
        <span className="text-xs text-muted">try {task.attempt} of {task.maxAttempts}</span>
        <span className="text-xs text-muted">cost {moneyOf(task.costMicros)}</span>
      </div>
      {task.error ? <ErrorLine error={task.error} /> : null}
      {task.degraded.length > 0 ? <p className="text-wait">Done with less than all parts: {task.degraded.join("; ")}</p> : null}
      <dl className="flex flex-wrap gap-x-4 gap-y-0.5 text-xs text-muted">
        <Time word="made" at={task.createdAt} /><Time word="began" at={task.startedAt} /><Time word="ended" at={task.finishedAt} /><Time word="not before" at={task.notBefore} /><Time word="deadline" at={task.deadline} />
      </dl>
      <div className="-ml-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
        <Id value={task.id} label="task id" />
        {task.requestId ? <RequestId id={task.requestId} /> : null}
      </div>
      <section className="grid gap-2">
        <h3 className="font-semibold">Attempts</h3>
        {data.attempts.length === 0 ? <p className="text-muted">No attempt has answered yet.</p> : (
          <ol className="grid grid-cols-[minmax(0,1fr)] gap-2">{data.attempts.map((a) => <li key={a.resultId}><Attempt attempt={a} last={a === data.attempts.at(-1)} /></li>)}</ol>
        )}
      </section>
      <section className="grid gap-2">
        <h3 className="font-semibold">Verdicts</h3>
        {data.verdicts.length === 0 ? <p className="text-muted">Nobody has judged it yet.</p> : (
          <ol className="grid grid-cols-[minmax(0,1fr)] gap-2">{data.verdicts.map((v) => <li key={v.id}><VerdictCard verdict={v} /></li>)}</ol>
        )}
      </section>
      <details>
        <summary className="font-semibold">Asked with</summary>
        <div className="pt-1"><Json json={data.argumentsJson} label="arguments" empty="Its arguments are made when the steps before it are done." /></div>
      </details>
    </div>
  );
}

function Time({ word, at }: { word: string; at: Parameters<typeof RelativeTime>[0]["at"] }) {
  if (!at) return null;
  return <div className="flex gap-1"><dt>{word}</dt><dd><RelativeTime at={at} /></dd></div>;
}
