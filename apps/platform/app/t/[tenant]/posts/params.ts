import { createLoader } from "nuqs/server";
import * as z from "zod/mini";
import { EffectState } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { uuidParam, zodParam } from "@/lib/url/params";

export const effectChoices = ["all", "prepared", "sending", "confirmed", "unknown", "parked", "failed"] as const;
export type EffectChoice = (typeof effectChoices)[number];

const effectOf: Record<EffectChoice, EffectState> = {
  all: EffectState.UNSPECIFIED, prepared: EffectState.PREPARED, sending: EffectState.SENDING, confirmed: EffectState.CONFIRMED,
  unknown: EffectState.UNKNOWN, parked: EffectState.PARKED, failed: EffectState.FAILED,
};

/**
 * ?campaign= and ?account= filter the published posts. ?outcome= shows publications instead, by how they went: those
 * whose outcome is not known are no posts yet.
 */
export const postsParams = {
  campaign: uuidParam(),
  account: uuidParam(),
  outcome: zodParam(z.enum(effectChoices)),
};

export const loadPostsParams = createLoader(postsParams);

export type PostsFilter = { campaign: string | null; account: string | null; outcome: EffectChoice | null };

export const postsInput = (f: PostsFilter) => ({ pageSize: 50, campaignId: f.campaign ?? "", accountId: f.account ?? "" });
export const effectsInput = (outcome: EffectChoice) => ({ pageSize: 50, state: effectOf[outcome] });
