"use client";
import { useMutation } from "@connectrpc/connect-query";
import { CampaignService } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { PlanService, TaskState, type Task } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { RotateCcw } from "lucide-react";
import { toast } from "@/components/toast/toast";
import { Button } from "@/components/ui/button";
import { problemOf } from "@/lib/rpc/errors";
import { useRefresh } from "@/lib/rpc/use-refresh";
import { useSession } from "@/lib/session/use-session";

/** Another attempt. Offered for what failed or expired; an effect that failed is never sent again. */
export function RetryTask({ task }: { task: Task }) {
  const { may } = useSession();
  const refresh = useRefresh();
  const retry = useMutation(PlanService.method.retryTask, {
    onSuccess: () => toast.success("It is tried again."),
    onError: (error) => {
      const { title, detail, advice } = problemOf(error);
      toast.error(title, { description: `${detail ?? ""} ${advice}`.trim() });
    },
    onSettled: () => refresh(PlanService, CampaignService),
  });
  const ended = task.state === TaskState.FAILED || task.state === TaskState.EXPIRED;
  if (!ended || !may(PlanService.method.retryTask) || (task.kind === "effect" && task.mode === "execute")) return null;
  return <Button size="sm" disabled={retry.isPending} onClick={() => retry.mutate({ taskId: task.id, stateVersion: task.stateVersion })}><RotateCcw />{retry.isPending ? "Asking…" : "Try again"}</Button>;
}
