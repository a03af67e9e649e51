"use client";
import { CampaignService, CampaignState, type Campaign } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { Pause, Play, RotateCcw, Square } from "lucide-react";
import { useState } from "react";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { useSession } from "@/lib/session/use-session";
import { ReasonDialog, type ReasonedChange } from "./reason-dialog";
import { useCampaignChange } from "./use-campaign-change";

const ENDED: ReadonlySet<CampaignState> = new Set([CampaignState.COMPLETED, CampaignState.CANCELLED, CampaignState.FAILED]);

/** What can be done with a campaign in its state; the rest is not offered. */
export function CampaignActions({ campaign }: { campaign: Campaign }) {
  const { may } = useSession();
  const [asked, setAsked] = useState<ReasonedChange>();
  const start = useCampaignChange(CampaignService.method.startCampaign, "Started.");
  const resume = useCampaignChange(CampaignService.method.resumeCampaign, "It goes on.");
  if (!may(CampaignService.method.startCampaign)) return null;
  const ended = ENDED.has(campaign.state);
  const version = { campaignId: campaign.id, stateVersion: campaign.stateVersion };
  const failed = start.error ? start : resume.error ? resume : undefined;
  return (
    <>
      {campaign.state === CampaignState.DRAFT || ended ? (
        <Button variant="primary" disabled={start.isPending} onClick={() => start.mutate(version)}>{ended ? <RotateCcw /> : <Play />}{start.isPending ? "Starting…" : ended ? "Run anew" : "Start"}</Button>
      ) : null}
      {campaign.state === CampaignState.RUNNING ? <Button onClick={() => setAsked("pause")}><Pause />Pause</Button> : null}
      {campaign.state === CampaignState.PAUSED ? <Button variant="primary" disabled={resume.isPending} onClick={() => resume.mutate(version)}><Play />{resume.isPending ? "Resuming…" : "Resume"}</Button> : null}
      {ended ? null : <Button variant="danger" onClick={() => setAsked("cancel")}><Square />Cancel</Button>}
      {asked ? <ReasonDialog campaign={campaign} change={asked} onClose={() => setAsked(undefined)} /> : null}
      {failed ? (
        <Dialog open onOpenChange={(open) => !open && failed.reset()}>
          <DialogContent title="Not done" description="The page shows the newest state of the campaign.">
            <ProblemNotice error={failed.error} />
          </DialogContent>
        </Dialog>
      ) : null}
    </>
  );
}
