"use client";
import { useQuery } from "@connectrpc/connect-query";
import { PlanService } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { X } from "lucide-react";
import { useEffect, useRef } from "react";
import { Loaded } from "@/components/panel/loaded";
import { Panel } from "@/components/panel/panel";
import { Button } from "@/components/ui/button";
import { nodeName } from "./layout";
import { RetryTask } from "./retry-task";
import { TaskRecord } from "./task-record";

/** Less than this of the panel in view does not show that it opened. */
const HEADER_PX = 160;

export const useTask = (taskId: string) =>
  useQuery(PlanService.method.getTask, { taskId });

export function TaskPanel({ taskId, name, onClose }: { taskId: string; name: string | undefined; onClose: () => void }) {
  const query = useTask(taskId);
  const task = query.data?.task;
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On small screens the panel opens below the fold, where a press on a step would seem to do nothing.
    if (ref.current && ref.current.getBoundingClientRect().top > window.innerHeight - HEADER_PX) ref.current.scrollIntoView({ block: "start" });
  }, []);
  return (
    <div ref={ref} className="min-w-0 scroll-mt-16">
      <Panel
        title={name ?? (task ? nodeName(task.node).step : "Step")}
        aside={<>{task ? <RetryTask task={task} /> : null}<Button variant="ghost" size="icon" aria-label="Close the step" onClick={onClose}><X /></Button></>}
      >
        <Loaded query={query}>{(data) => (data.task ? <TaskRecord data={data} task={data.task} /> : null)}</Loaded>
      </Panel>
    </div>
  );
}
