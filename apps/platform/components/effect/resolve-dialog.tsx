"use client";
import { PostService, type Effect } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { SystemService } from "@chimera/gen/chimera/platform/v1/system_service_pb";
import { useMutation } from "@connectrpc/connect-query";
import { zodResolver } from "@hookform/resolvers/zod";
import { useForm, useWatch } from "react-hook-form";
import { toast } from "@/components/toast/toast";
import { z } from "zod";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field, Input, Textarea } from "@/components/ui/field";
import { useRefresh } from "@/lib/rpc/use-refresh";

const schema = z.object({
  outcome: z.enum(["published", "absent"], "Look on the platform and choose one."),
  url: z.literal("").or(z.url({ protocol: /^https?$/, error: "An address that starts with https://." }).max(2048, "At most 2,048 characters.")),
  rationale: z.string().trim().min(1, "Say what you saw: it stands in the audit chain.").max(4000, "At most 4,000 characters."),
});

/** A person's word on whether a post is on the platform. */
export default function ResolveDialog({ effect, onClose }: { effect: Effect; onClose: () => void }) {
  const refresh = useRefresh();
  const form = useForm<z.input<typeof schema>>({ resolver: zodResolver(schema), defaultValues: { url: "", rationale: "" } });
  const outcome = useWatch({ control: form.control, name: "outcome" });
  const errors = form.formState.errors;
  const resolve = useMutation(PostService.method.resolveEffect, {
    onSuccess: () => {
      toast.success("Settled.");
      onClose();
    },
    onSettled: () => refresh(PostService, SystemService),
  });
  const submit = form.handleSubmit((v) => resolve.mutate({
    effectId: effect.id, stateVersion: effect.stateVersion, published: v.outcome === "published", url: v.outcome === "published" ? v.url : "", rationale: v.rationale.trim(),
  }));
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title="Is it on the platform?" description={`${effect.tool} as ${effect.accountHandle || "an account"}: sent, and no answer came back. Look there first. If you say it is not there and it is, it may be published twice.`}>
        <form onSubmit={submit} className="grid gap-3" noValidate>
          <fieldset aria-describedby="outcome-problem" className="grid gap-1.5">
            <legend className="pb-1 font-medium">What you found</legend>
            <label className="flex items-center gap-2 max-sm:min-h-11"><input type="radio" value="published" {...form.register("outcome")} />It is published</label>
            <label className="flex items-center gap-2 max-sm:min-h-11"><input type="radio" value="absent" {...form.register("outcome")} />It is not there</label>
            <p id="outcome-problem" className="text-xs text-bad">{errors.outcome?.message}</p>
          </fieldset>
          {outcome === "published" ? <Field label="Its address" hint="If you have it at hand." error={errors.url?.message}>{(ids) => <Input {...ids} type="url" inputMode="url" autoComplete="off" placeholder="https://" {...form.register("url")} />}</Field> : null}
          <Field label="How you know" error={errors.rationale?.message}>{(ids) => <Textarea {...ids} rows={3} {...form.register("rationale")} />}</Field>
          {resolve.error ? <ProblemNotice error={resolve.error} /> : null}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Back</Button>
            <Button type="submit" variant="primary" disabled={resolve.isPending}>Settle it</Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  );
}
