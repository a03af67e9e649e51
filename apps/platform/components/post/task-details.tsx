"use client";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { useTask } from "@/components/plan/task-panel";
import { TaskRecord } from "@/components/plan/task-record";

export default function TaskDetails({ taskId }: { taskId: string }) {
  const query = useTask(taskId);
  return <Loaded query={query} skeleton={<Skeletons rows={3} />}>{(data) => (data.task ? <TaskRecord data={data} task={data.task} /> : null)}</Loaded>;
}
