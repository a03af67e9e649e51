"use client";
import type { Post, TimelineEntry } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import Link from "next/link";
import { lazy, Suspense, useState } from "react";
import { moneyOf } from "@/lib/money";
import { Id } from "@/components/panel/copy-button";
import { Skeletons } from "@/components/panel/loaded";
import { RequestId } from "@/components/panel/problem-notice";
import { exactly, msOf, span } from "@/lib/time/relative";
import { useNow } from "@/lib/time/use-now";
import { useTenantPath } from "@/lib/session/tenant";
import type { HopKind } from "./hop-kinds";
import { anchorOf, linksOf } from "./hop-links";

const TaskDetails = lazy(() => import("./task-details"));

type Props = { entry: TimelineEntry; before: TimelineEntry | undefined; last: boolean; post: Post; kind: HopKind; anchors: ReadonlySet<string> };

const link = "inline-flex min-h-6 items-center text-accent underline-offset-2 hover:underline";

/** One hop: when, what, by whom, at what cost, and the way to the thing itself and to the hops it came from. */
export function Hop({ entry, before, last, post, kind, anchors }: Props) {
  const path = useTenantPath();
  const { label, icon: Icon } = kind;
  const links = linksOf(entry, post, anchors, path);
  const taskId = entry.stage === "task" ? entry.objectId : entry.stage === "result" ? entry.taskId : "";
  return (
    <li id={anchorOf(entry)} className="grid scroll-mt-16 grid-cols-[1.75rem_minmax(0,1fr)] gap-x-3 rounded-md target:bg-selected">
      <div aria-hidden className="flex flex-col items-center">
        <span className="grid size-7 shrink-0 place-items-center rounded-full border border-line-strong/60 bg-raised"><Icon className="size-3.5 text-accent" /></span>
        {last ? null : <span className="w-px flex-1 bg-line" />}
      </div>
      <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-0.5 pt-1 pb-4">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-semibold">{label}</span>
          {entry.node ? <span className="text-muted">{entry.node.split(":")[0]}</span> : null}
          <When entry={entry} before={before} />
          {entry.costMicros > 0n ? <span className="text-xs text-muted">cost {moneyOf(entry.costMicros)}</span> : null}
        </p>
        <p className="wrap-anywhere whitespace-pre-wrap">{entry.summary}</p>
        <p className="flex flex-wrap items-center gap-x-3 text-xs leading-6 text-muted">
          {entry.actor ? <span>by {entry.actorName || entry.actor}</span> : null}
          {links.map((l) => l.inPage ? <a key={l.href} href={l.href} className={link}>↑ {l.words}</a> : <Link key={l.href} href={l.href} className={link}>{l.words}</Link>)}
          {entry.objectId ? <Id value={entry.objectId} label={`${label.toLowerCase()} id`} /> : null}
          {entry.requestId ? <RequestId id={entry.requestId} /> : null}
        </p>
        {taskId ? <Details taskId={taskId} /> : null}
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

/** Prompt, model, sources and checks of a step, read only when asked for. */
function Details({ taskId }: { taskId: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(e) => setOpen(e.currentTarget.open)} className="mt-1 rounded-md border border-line">
      <summary className="px-3 py-1.5 text-muted hover:text-text">Arguments, attempts, prompt and model, sources and checks</summary>
      {open ? <Suspense fallback={<Skeletons rows={3} />}><TaskDetails taskId={taskId} /></Suspense> : null}
    </details>
  );
}
