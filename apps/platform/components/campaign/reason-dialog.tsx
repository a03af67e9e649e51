"use client";
import { CampaignService, type Campaign } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { zodResolver } from "@hookform/resolvers/zod";
import { useForm } from "react-hook-form";
import { z } from "zod";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field, Textarea } from "@/components/ui/field";
import { useCampaignChange } from "./use-campaign-change";

const schema = z.object({ reason: z.string().trim().min(1, "Say why: it stands in the audit chain.").max(500, "At most 500 characters.") });

export type ReasonedChange = "pause" | "cancel";

const texts = {
  pause: { title: "Pause the campaign", description: "What has not been dispatched is held back; steps that run now come to their end. Deadlines go on.", button: "Pause", keep: "Keep it running", done: "Paused." },
  cancel: { title: "Cancel the campaign", description: "Open steps and reviews are cancelled. A publication under way is settled, never cut off.", button: "Cancel the campaign", keep: "Keep the campaign", done: "Cancelled." },
};

type Props = { campaign: Campaign; change: ReasonedChange; onClose: () => void };

export function ReasonDialog({ campaign, change, onClose }: Props) {
  const text = texts[change];
  const form = useForm<z.input<typeof schema>>({ resolver: zodResolver(schema), defaultValues: { reason: "" } });
  const pause = useCampaignChange(CampaignService.method.pauseCampaign, text.done, onClose);
  const cancel = useCampaignChange(CampaignService.method.cancelCampaign, text.done, onClose);
  const call = change === "pause" ? pause : cancel;
  const submit = form.handleSubmit(({ reason }) => call.mutate({ campaignId: campaign.id, stateVersion: campaign.stateVersion, reason: reason.trim() }));
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={text.title} description={text.description}>
        <form onSubmit={submit} className="grid gap-3" noValidate>
          <Field label="Why" error={form.formState.errors.reason?.message}>{(ids) => <Textarea {...ids} rows={3} {...form.register("reason")} />}</Field>
          {call.error ? <ProblemNotice error={call.error} /> : null}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>{text.keep}</Button>
            <Button type="submit" variant={change === "cancel" ? "danger" : "primary"} disabled={call.isPending}>{text.button}</Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  );
}
