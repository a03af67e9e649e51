"use client";
import { Empty } from "@/components/panel/empty";
import { Loaded } from "@/components/panel/loaded";
import { Panel } from "@/components/panel/panel";
import { useStatus } from "@/components/shell/use-status";
import { span } from "@/lib/time/relative";

/** Tasks by state, and how long the oldest ready one has waited (R12.5). */
export function Queues() {
  const status = useStatus();
  const oldest = Number(status.data?.oldestReadySeconds ?? 0n);
  return (
    <Panel title="Queues" aside={oldest > 0 ? <span className="text-muted">oldest ready one: {span(oldest)}</span> : null}>
      <Loaded query={status}>
        {({ queues }) => {
          if (queues.length === 0) return <Empty title="No task yet">Start a campaign, and its tasks are counted here by state.</Empty>;
          const most = Math.max(...queues.map((q) => Number(q.tasks)), 1);
          return (
            <ul className="divide-y divide-line">
              {queues.map((q) => (
                <li key={q.state} className="grid grid-cols-[8.5rem_minmax(0,1fr)_auto] items-center gap-3 px-3 py-2">
                  <span>{q.state.replaceAll("_", " ")}</span>
                  <span aria-hidden className="h-1.5 overflow-hidden rounded-full bg-sunken"><span className="block h-full rounded-full bg-active" style={{ width: `${(Number(q.tasks) / most) * 100}%` }} /></span>
                  <span className="tabular-nums">{Number(q.tasks).toLocaleString("en")}</span>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Panel>
  );
}
