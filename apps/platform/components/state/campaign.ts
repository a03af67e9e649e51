import { CampaignState } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { look, type Look } from "./look";

export const campaignStates: Record<CampaignState, Look> = {
  [CampaignState.UNSPECIFIED]: look("unknown state", "off"),
  [CampaignState.DRAFT]: look("draft", "off"),
  [CampaignState.RUNNING]: look("running", "active"),
  [CampaignState.PAUSED]: look("paused", "wait"),
  [CampaignState.COMPLETED]: look("completed", "ok"),
  [CampaignState.CANCELLED]: look("cancelled", "off"),
  [CampaignState.FAILED]: look("failed", "bad"),
};
