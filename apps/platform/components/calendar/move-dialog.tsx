"use client";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { CalendarService } from "@chimera/gen/chimera/platform/v1/calendar_service_pb";
import { CampaignService } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { PlanService } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { ReviewService } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { useMutation, useQuery } from "@connectrpc/connect-query";
import { zodResolver } from "@hookform/resolvers/zod";
import { useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import { z } from "zod";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { toast } from "@/components/toast/toast";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Skeleton } from "@/components/ui/small";
import { useRefresh } from "@/lib/rpc/use-refresh";
import { dayOf, momentOf, timeOfDay } from "@/lib/time/days";
import { exactly } from "@/lib/time/relative";
import { atOf } from "./entry-look";
import type { Move } from "./use-dragging";
import { Voids } from "./voids";

const YEAR_MS = 366 * 86_400_000;

const schema = z.object({ day: z.iso.date("Choose a day."), time: z.string().regex(/^\d{2}:\d{2}$/, "Choose a time.") })
  .refine((v) => momentOf(v.day, v.time) > Date.now(), { path: ["time"], error: "It must lie ahead." })
  .refine((v) => momentOf(v.day, v.time) < Date.now() + YEAR_MS, { path: ["day"], error: "At most a year ahead." });

/** Gives a planned publication another time; what that voids is asked for and shown before anything changes. */
export function MoveDialog({ move, onClose }: { move: Move; onClose: () => void }) {
  const { entry } = move;
  const refresh = useRefresh();
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const form = useForm<z.input<typeof schema>>({ resolver: zodResolver(schema), mode: "onChange", defaultValues: { day: dayOf(move.to), time: timeOfDay(move.to) } });
  const [day, time] = useWatch({ control: form.control, name: ["day", "time"] });
  const valid = schema.safeParse({ day, time }).success;
  const request = { taskId: entry.taskId, stateVersion: entry.stateVersion, to: timestampFromMs(valid ? momentOf(day, time) : 0) };
  const preview = useQuery(CalendarService.method.movePlanned, { ...request, preview: true }, { enabled: valid, staleTime: 5_000, retry: false });
  const save = useMutation(CalendarService.method.movePlanned, {
    onSuccess: (r) => {
      toast.success(`Moved, as plan version ${r.planVersion}.`);
      onClose();
    },
    onSettled: () => refresh(CalendarService, CampaignService, PlanService, ReviewService),
  });
  const errors = form.formState.errors;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title="Move to…" description={`${entry.agentName} on ${entry.handle}, for “${entry.campaignName}”. Planned for ${exactly(atOf(entry))}.`}>
        <form onSubmit={form.handleSubmit(() => save.mutate({ ...request, idempotencyKey }))} className="grid gap-3" noValidate>
          <div className="grid grid-cols-2 items-start gap-3">
            <Field label="Day" error={errors.day?.message}>{(ids) => <Input {...ids} type="date" {...form.register("day")} />}</Field>
            <Field label="Not before" hint="In your time zone." error={errors.time?.message}>{(ids) => <Input {...ids} type="time" {...form.register("time")} />}</Field>
          </div>
          <div aria-live="polite" className="min-h-16">
            {!valid ? null : preview.data ? <Voids answer={preview.data} /> : preview.error ? <ProblemNotice error={preview.error} onRetry={() => void preview.refetch()} /> : <Skeleton className="h-16" />}
          </div>
          {save.error ? <ProblemNotice error={save.error} /> : null}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Leave it</Button>
            <Button type="submit" variant="primary" disabled={!valid || !preview.data || save.isPending}>{save.isPending ? "Moving…" : "Move it"}</Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  );
}
