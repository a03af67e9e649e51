"use client";
import type { DescMessage, DescMethodUnary } from "@bufbuild/protobuf";
import { useMutation } from "@connectrpc/connect-query";
import { CampaignService } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { PlanService } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { ReviewService } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { toast } from "@/components/toast/toast";
import { useRefresh } from "@/lib/rpc/use-refresh";

/** Starts, pauses, resumes or cancels. Refused or not, all views of it are read again: another person may have been first. */
export function useCampaignChange<I extends DescMessage, O extends DescMessage>(method: DescMethodUnary<I, O>, done: string, onDone?: () => void) {
  const refresh = useRefresh();
  return useMutation(method, {
    onSuccess: () => {
      toast.success(done);
      onDone?.();
    },
    onSettled: () => refresh(CampaignService, PlanService, ReviewService),
  });
}
