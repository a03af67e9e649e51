import { createLoader } from "nuqs/server";
import * as z from "zod/mini";
import { CampaignState } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { zodParam } from "@/lib/url/params";

export const budgetViews = ["open", "ended"] as const;
export type BudgetView = (typeof budgetViews)[number];

const statesOf: Record<BudgetView, CampaignState[]> = {
  open: [CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.DRAFT],
  ended: [CampaignState.COMPLETED, CampaignState.FAILED, CampaignState.CANCELLED],
};

/** ?show= is the campaigns that may still spend, or those that have ended. */
export const budgetParams = { show: zodParam(z.enum(budgetViews)).withDefault("open") };

export const loadBudgetParams = createLoader(budgetParams);

export const budgetsInput = (view: BudgetView) => ({ pageSize: 100, states: statesOf[view] });
