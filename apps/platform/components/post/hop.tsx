"use client";
import type { Post, TimelineEntry } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import Link from "next/link";
import { useState } from "react";
import { Id } from "@/components/panel/copy-button";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { useTask } from "@/components/plan/task-panel";
import { TaskRecord } from "@/components/plan/task-record";
import { exactly, msOf, span } from "@/lib/time/relative";
import { useNow } from "@/lib/time/use-now";
import { useTenantPath } from "@/lib/session/tenant";
import type { HopKind } from "./hop-kinds";

type Props = { entry: TimelineEntry; before: TimelineEntry | undefined; last: boolean; post: Post; kind: HopKind };

/** One hop: when, what, by whom, and the way to the thing itself. */
export function Hop({ entry, before, last, post, kind }: Props) {
  const { label, icon: Icon } = kind;
  return (
    <li className="grid grid-cols-[1.75rem_minmax(0,1fr)] gap-x-3">
      <div aria-hidden className="flex flex-col items-center">
        <span className="grid size-7 shrink-0 place-items-center rounded-full border border-line-strong/60 bg-raised"><Icon className="size-3.5 text-accent" /></span>
        {last ? null : <span className="w-px flex-1 bg-line" />}
      </div>
      <div className="grid min-w-0 gap-0.5 pt-1 pb-4">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-semibold">{label}</span>
          <When entry={entry} before={before} />
        </p>
        <p className="break-words whitespace-pre-wrap">{entry.summary}</p>
        <p className="flex flex-wrap items-center gap-x-3 text-xs text-muted">
          {entry.actor ? <span>by {entry.actor}</span> : null}
          <WayTo entry={entry} post={post} />
          {entry.objectId ? <Id value={entry.objectId} label={`${label.toLowerCase()} id`} /> : null}
        </p>
        {entry.stage === "task" ? <TaskDetails taskId={entry.objectId} /> : null}
      </div>
    </li>
  );
}

/** The exact time stands written: this page is evidence. It waits for the browser, whose zone the server does not know. */
function When({ entry, before }: { entry: TimelineEntry; before: TimelineEntry | undefined }) {
  const now = useNow();
  const at = msOf(entry.at);
  const previous = msOf(before?.at);
  if (at === undefined) return null;
  const seconds = previous === undefined ? 0 : (at - previous) / 1000;
  return (
    <time dateTime={new Date(at).toISOString()} className="text-xs text-muted">
      {now ? exactly(at) : "…"}{seconds >= 1 ? ` · ${span(seconds)} later` : ""}
    </time>
  );
}

function WayTo({ entry, post }: { entry: TimelineEntry; post: Post }) {
  const path = useTenantPath();
  const [href, words] = wayOf(entry, post) ?? [];
  return href ? <Link href={path(href)} className="text-accent underline-offset-2 hover:underline">{words}</Link> : null;
}

function wayOf(entry: TimelineEntry, post: Post): [string, string] | undefined {
  const campaign = `campaigns/${post.campaignId}`;
  switch (entry.stage) {
    case "goal": return [campaign, "Open the campaign"];
    case "plan": return [`${campaign}?version=${/^version (\d{1,9})\b/.exec(entry.summary)?.[1] ?? ""}`, "Open this plan version"];
    case "task": return [`${campaign}?task=${entry.objectId}`, "Open it in the plan"];
    case "review": return [`reviews?item=${entry.objectId}`, "Open the review"];
    default: return undefined;
  }
}

/** Prompt, model, sources and checks of a task, read only when asked for. */
function TaskDetails({ taskId }: { taskId: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(e) => setOpen(e.currentTarget.open)} className="mt-1 rounded-md border border-line">
      <summary className="px-3 py-1.5 text-muted hover:text-text">Arguments, attempts, sources and checks</summary>
      {open ? <LoadedTask taskId={taskId} /> : null}
    </details>
  );
}

function LoadedTask({ taskId }: { taskId: string }) {
  const query = useTask(taskId);
  return <Loaded query={query} skeleton={<Skeletons rows={3} />}>{(data) => (data.task ? <TaskRecord data={data} task={data.task} /> : null)}</Loaded>;
}
