"use client";
import { DeadLetterService, type DeadLetter } from "@chimera/gen/chimera/platform/v1/dead_letter_service_pb";
import { SystemService } from "@chimera/gen/chimera/platform/v1/system_service_pb";
import { useMutation } from "@connectrpc/connect-query";
import { zodResolver } from "@hookform/resolvers/zod";
import { useForm } from "react-hook-form";
import { toast } from "@/components/toast/toast";
import { z } from "zod";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field, Textarea } from "@/components/ui/field";
import { useRefresh } from "@/lib/rpc/use-refresh";

export type Closing = "replay" | "discard";

const schema = z.object({ reason: z.string().trim().min(1, "Say why: it stands in the audit chain.").max(500, "At most 500 characters.") });

const texts = {
  replay: { title: "Replay this message", description: "It goes back on its topic, once. Do it when what made it fail is mended.", button: "Replay", done: "Put back on its topic." },
  discard: { title: "Discard this message", description: "It is never handled. The record and your reason stay.", button: "Discard", done: "Discarded." },
};

export function CloseDialog({ letter, kind, onClose }: { letter: DeadLetter; kind: Closing; onClose: () => void }) {
  const text = texts[kind];
  const refresh = useRefresh();
  const form = useForm<z.input<typeof schema>>({ resolver: zodResolver(schema), defaultValues: { reason: "" } });
  const options = {
    onSuccess: () => {
      toast.success(text.done);
      onClose();
    },
    onSettled: () => refresh(DeadLetterService, SystemService),
  };
  const replay = useMutation(DeadLetterService.method.replayDeadLetter, options);
  const discard = useMutation(DeadLetterService.method.discardDeadLetter, options);
  const call = kind === "replay" ? replay : discard;
  const submit = form.handleSubmit((v) => call.mutate({ letterId: letter.id, stateVersion: letter.stateVersion, reason: v.reason.trim() }));
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={text.title} description={text.description}>
        <form onSubmit={submit} className="grid gap-3" noValidate>
          <Field label="Why" error={form.formState.errors.reason?.message}>{(ids) => <Textarea {...ids} rows={3} {...form.register("reason")} />}</Field>
          {call.error ? <ProblemNotice error={call.error} /> : null}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Back</Button>
            <Button type="submit" variant={kind === "discard" ? "danger" : "primary"} disabled={call.isPending}>{text.button}</Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  );
}
