"use client";
import { StopService, type Stop } from "@chimera/gen/chimera/platform/v1/stop_service_pb";
import { useMutation } from "@connectrpc/connect-query";
import { zodResolver } from "@hookform/resolvers/zod";
import { useForm } from "react-hook-form";
import { toast } from "@/components/toast/toast";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { releaseSchema, type Release } from "./stop-schema";
import { useStops } from "./use-stops";

export default function ReleaseDialog({ stop, subject, onClose }: { stop: Stop; subject: string; onClose: () => void }) {
  const stops = useStops();
  const form = useForm<Release>({ resolver: zodResolver(releaseSchema), defaultValues: { reason: "", typed: "" } });
  const release = useMutation(StopService.method.releaseStop, {
    onSuccess: () => {
      toast.success(`Released: ${subject} goes on.`);
      onClose();
    },
    onSettled: () => void stops.refetch(),
  });
  const errors = form.formState.errors;
  const submit = form.handleSubmit((v) => release.mutate({ stopId: stop.id, stateVersion: stop.stateVersion, reason: v.reason.trim() }));
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={`Release ${subject}`} description={`It was stopped because: ${stop.reason}. What waited goes on at once.`}>
        <form onSubmit={submit} className="grid gap-3" noValidate>
          <Field label="Why it may go on" error={errors.reason?.message}>{(ids) => <Input {...ids} autoComplete="off" {...form.register("reason")} />}</Field>
          <Field label={<>Type <strong>release</strong> to confirm</>} error={errors.typed?.message}>{(ids) => <Input {...ids} autoComplete="off" autoCapitalize="none" {...form.register("typed")} />}</Field>
          {release.error ? <ProblemNotice error={release.error} /> : null}
          <div className="flex justify-end gap-2 pt-1">
            <Button onClick={onClose}>Leave it on</Button>
            <Button type="submit" variant="primary" disabled={release.isPending}>Release</Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  );
}
