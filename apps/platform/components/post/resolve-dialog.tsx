"use client";
import { createConnectQueryKey, useMutation, useTransport } from "@connectrpc/connect-query";
import { PostService, type Effect } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { SystemService } from "@chimera/gen/chimera/platform/v1/system_service_pb";
import { zodResolver } from "@hookform/resolvers/zod";
import { useQueryClient } from "@tanstack/react-query";
import { useForm, useWatch } from "react-hook-form";
import { toast } from "@/components/toast/toast";
import { z } from "zod";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field, Input, Select, Textarea } from "@/components/ui/field";

const schema = z.object({
  published: z.enum(["", "yes", "no"]).refine((v) => v !== "", "Say whether it is there."),
  url: z.union([z.literal(""), z.url({ protocol: /^https?$/, error: "An http or https address." }).max(2048)]),
  rationale: z.string().trim().min(1, "Say how you know.").max(4000, "At most 4,000 characters."),
}).refine((v) => v.published !== "yes" || v.url !== "", { path: ["url"], error: "Give the post's address." });

/** Settles a publication by a person's word, after they looked on the platform. */
export function ResolveDialog({ effect, onClose }: { effect: Effect; onClose: () => void }) {
  const client = useQueryClient();
  const transport = useTransport();
  const form = useForm<z.input<typeof schema>, unknown, z.output<typeof schema>>({ resolver: zodResolver(schema), defaultValues: { published: "", url: "", rationale: "" } });
  const published = useWatch({ control: form.control, name: "published" });
  const { errors } = form.formState;
  const resolve = useMutation(PostService.method.resolveEffect, {
    onSuccess: () => {
      toast.success("Settled.");
      onClose();
    },
    onSettled: () => {
      for (const schema of [PostService, SystemService]) void client.invalidateQueries({ queryKey: createConnectQueryKey({ schema, transport, cardinality: undefined }) });
    },
  });
  const submit = form.handleSubmit((v) => resolve.mutate({ effectId: effect.id, stateVersion: effect.stateVersion, published: v.published === "yes", url: v.published === "yes" ? v.url : "", rationale: v.rationale }));
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title="Settle this publication" description="Look on the platform first: nothing is sent again on a guess, and your word stands in the audit chain.">
        <form onSubmit={submit} className="grid gap-3" noValidate>
          <Field label="Is it on the platform?" error={errors.published?.message}>
            {(ids) => (
              <Select {...ids} {...form.register("published")}>
                <option value="">Choose…</option>
                <option value="yes">Yes, it is there</option>
                <option value="no">No, it is not there</option>
              </Select>
            )}
          </Field>
          {published === "yes" ? <Field label="Where" error={errors.url?.message}>{(ids) => <Input {...ids} inputMode="url" autoComplete="off" placeholder="https://" {...form.register("url")} />}</Field> : null}
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
