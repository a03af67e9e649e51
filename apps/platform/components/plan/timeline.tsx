"use client";
import type { PlanNode } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { useMemo } from "react";
import { exactly, lasted } from "@/lib/time/relative";
import { useNow } from "@/lib/time/use-now";
import { timesOf } from "./node-times";
import { scaleOf } from "./time-scale";
import { TimelineRow } from "./timeline-row";

type Props = { nodes: readonly PlanNode[]; nameOf: (node: PlanNode) => string; open: string | null; live: boolean; dim: (node: PlanNode) => boolean; onOpen: (taskId: string) => void };

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** When each step worked and how long it waited for a person; the same steps as in the graph, over time. */
export function Timeline({ nodes, nameOf, open, live, dim, onOpen }: Props) {
  const now = useNow();
  const rows = useMemo(() => nodes.map((node) => ({ node, times: timesOf(node, now) })), [nodes, now]);
  const scale = useMemo(() => {
    const moments = rows.flatMap(({ times }) => [times.gate?.from, times.gate?.to, times.planned].filter((m) => m !== undefined));
    return scaleOf(rows.flatMap((r) => r.times.work), live && now ? [...moments, now] : moments);
  }, [rows, live, now]);
  // The server does not know the viewer's zone or the time: the first frame has no axis.
  if (now === 0 || rows.every((r) => r.times.work.length === 0 && !r.times.gate && r.times.planned === undefined)) return null;
  return (
    <div className="overflow-hidden border-t border-line px-3 pt-2 pb-3">
      <div className="grid grid-cols-[7.5rem_minmax(0,1fr)] gap-x-2 sm:grid-cols-[14rem_minmax(0,1fr)]">
        <h3 className="text-xs font-medium text-muted">Over time</h3>
        <div aria-hidden className="relative h-5 text-2xs text-muted">
          {scale.ticks.filter((ms, i, all) => i === 0 || clock.format(ms) !== clock.format(all[i - 1])).map((ms) => <span key={ms} title={exactly(ms)} className="absolute top-0 border-l border-line-strong/50 pl-1 whitespace-nowrap max-sm:even:hidden" style={{ left: `${scale.place(ms) * 100}%` }}>{clock.format(ms)}</span>)}
        </div>
      </div>
      <ol aria-label="Steps over time" className="relative isolate grid pb-5">
        <li aria-hidden role="presentation" className="pointer-events-none absolute inset-y-0 right-0 left-[8rem] -z-10 sm:left-[14.5rem]">
          {scale.folds.map((f) => (
            <span key={f.from} className="absolute inset-y-0 grid items-end justify-items-center overflow-hidden border-x border-dashed border-line-strong/50 bg-sunken/60 text-2xs text-muted" style={{ left: `${f.left * 100}%`, width: `${f.width * 100}%` }}>
              <span className="leading-5 whitespace-nowrap">{lasted(f.to - f.from)}</span>
            </span>
          ))}
          {live ? <span className="absolute inset-y-0 w-px bg-accent" style={{ left: `${scale.place(now) * 100}%` }} /> : null}
        </li>
        {rows.map(({ node, times }) => (
          <TimelineRow key={node.key} node={node} times={times} scale={scale} name={nameOf(node)} open={node.task !== undefined && node.task.id === open} dim={dim(node)} onOpen={onOpen} />
        ))}
      </ol>
      <p className="flex flex-wrap gap-x-4 gap-y-1 pt-2 text-xs text-muted">
        <span className="flex items-center gap-1.5"><span aria-hidden className="h-2 w-5 rounded-sm bg-ok" />work</span>
        <span className="flex items-center gap-1.5"><span aria-hidden className="h-2 w-5 rounded-sm border border-wait bg-wait-soft" />a person decides</span>
        <span className="flex items-center gap-1.5"><span aria-hidden className="h-3 w-4 border-x border-dashed border-line-strong bg-sunken" />a long wait, drawn short</span>
      </p>
    </div>
  );
}
