"use client";
import { createConnectQueryKey, useMutation, useTransport } from "@connectrpc/connect-query";
import { CampaignService } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { PlanService, TaskState, type Task } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { useQueryClient } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import { toast } from "@/components/toast/toast";
import { Button } from "@/components/ui/button";
import { problemOf } from "@/lib/rpc/errors";
import { useSession } from "@/lib/session/use-session";

/** Another attempt. Offered for what failed or expired; an effect that failed is never sent again. */
export function RetryTask({ task }: { task: Task }) {
  const { may } = useSession();
  const client = useQueryClient();
  const transport = useTransport();
  const refresh = () => {
    for (const schema of [PlanService, CampaignService]) void client.invalidateQueries({ queryKey: createConnectQueryKey({ schema, transport, cardinality: undefined }) });
  };
  const retry = useMutation(PlanService.method.retryTask, {
    onSuccess: () => toast.success("It is tried again."),
    onError: (error) => {
      const { title, detail, advice } = problemOf(error);
      toast.error(title, { description: `${detail ?? ""} ${advice}`.trim() });
    },
    onSettled: refresh,
  });
  const ended = task.state === TaskState.FAILED || task.state === TaskState.EXPIRED;
  if (!ended || !may(PlanService.method.retryTask) || (task.kind === "effect" && task.mode === "execute")) return null;
  return <Button size="sm" disabled={retry.isPending} onClick={() => retry.mutate({ taskId: task.id, stateVersion: task.stateVersion })}><RotateCcw />{retry.isPending ? "Asking…" : "Try again"}</Button>;
}
