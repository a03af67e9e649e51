import { createLoader } from "nuqs/server";
import * as z from "zod/mini";
import { CampaignState } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { uuidParam, zodParam } from "@/lib/url/params";

export const campaignStateChoices = ["all", "draft", "running", "paused", "completed", "failed", "cancelled"] as const;
export type CampaignStateChoice = (typeof campaignStateChoices)[number];

const stateOf: Record<CampaignStateChoice, CampaignState> = {
  all: CampaignState.UNSPECIFIED, draft: CampaignState.DRAFT, running: CampaignState.RUNNING, paused: CampaignState.PAUSED,
  completed: CampaignState.COMPLETED, failed: CampaignState.FAILED, cancelled: CampaignState.CANCELLED,
};

/** The list's state in the URL: ?state=, ?agent= and ?query= filter it. */
export const campaignsParams = {
  state: zodParam(z.enum(campaignStateChoices)).withDefault("all"),
  agent: uuidParam(),
  query: zodParam(z.string().check(z.trim(), z.minLength(1), z.maxLength(200))),
};

export const loadCampaignsParams = createLoader(campaignsParams);

export type CampaignsFilter = { state: CampaignStateChoice; agent: string | null; query: string | null };

export const campaignsInput = (f: CampaignsFilter) => ({ pageSize: 50, state: stateOf[f.state], agentId: f.agent ?? "", query: f.query ?? "" });
