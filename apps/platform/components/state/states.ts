import { CampaignState } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { TaskState } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { EffectState } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { ReviewRisk, ReviewState } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { AccountHealth } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import { DeadLetterState } from "@chimera/gen/chimera/platform/v1/dead_letter_service_pb";
import type { Tone } from "@/components/ui/small";

export type Look = { label: string; tone: Tone };
const look = (label: string, tone: Tone): Look => ({ label, tone });

// One place for the words and tones of every state, so that no two pages tell the same state differently.

export const taskStates: Record<TaskState, Look> = {
  [TaskState.UNSPECIFIED]: look("unknown state", "off"),
  [TaskState.BLOCKED]: look("blocked", "off"),
  [TaskState.READY]: look("ready", "active"),
  [TaskState.QUEUED]: look("queued", "active"),
  [TaskState.RUNNING]: look("running", "active"),
  [TaskState.JUDGING]: look("judging", "active"),
  [TaskState.AWAITING_REVIEW]: look("awaits review", "wait"),
  [TaskState.SUCCEEDED]: look("succeeded", "ok"),
  [TaskState.REJECTED]: look("rejected", "bad"),
  [TaskState.FAILED]: look("failed", "bad"),
  [TaskState.UNKNOWN]: look("outcome unknown", "unknown"),
  [TaskState.EXPIRED]: look("expired", "off"),
  [TaskState.CANCELLED]: look("cancelled", "off"),
};

export const reviewStates: Record<ReviewState, Look> = {
  [ReviewState.UNSPECIFIED]: look("unknown state", "off"),
  [ReviewState.OPEN]: look("waits for a person", "wait"),
  [ReviewState.APPROVED]: look("approved", "ok"),
  [ReviewState.REJECTED]: look("rejected", "bad"),
  [ReviewState.CHANGES_REQUESTED]: look("changes requested", "active"),
  [ReviewState.EXPIRED]: look("expired", "off"),
  [ReviewState.CANCELLED]: look("cancelled", "off"),
};

export const reviewRisks: Record<ReviewRisk, Look> = {
  [ReviewRisk.UNSPECIFIED]: look("risk not rated", "off"),
  [ReviewRisk.LOW]: look("low risk", "off"),
  [ReviewRisk.MEDIUM]: look("medium risk", "wait"),
  [ReviewRisk.HIGH]: look("high risk", "bad"),
};

export const effectStates: Record<EffectState, Look> = {
  [EffectState.UNSPECIFIED]: look("unknown state", "off"),
  [EffectState.PREPARED]: look("prepared", "active"),
  [EffectState.SENDING]: look("sending", "active"),
  [EffectState.CONFIRMED]: look("confirmed", "ok"),
  [EffectState.UNKNOWN]: look("outcome unknown", "unknown"),
  [EffectState.FAILED]: look("failed", "bad"),
  [EffectState.PARKED]: look("needs your word", "unknown"),
};

export const campaignStates: Record<CampaignState, Look> = {
  [CampaignState.UNSPECIFIED]: look("unknown state", "off"),
  [CampaignState.DRAFT]: look("draft", "off"),
  [CampaignState.RUNNING]: look("running", "active"),
  [CampaignState.PAUSED]: look("paused", "wait"),
  [CampaignState.COMPLETED]: look("completed", "ok"),
  [CampaignState.CANCELLED]: look("cancelled", "off"),
  [CampaignState.FAILED]: look("failed", "bad"),
};

export const accountHealths: Record<AccountHealth, Look> = {
  [AccountHealth.UNSPECIFIED]: look("not checked", "off"),
  [AccountHealth.OK]: look("healthy", "ok"),
  [AccountHealth.CREDENTIAL_DEAD]: look("secret refused", "bad"),
  [AccountHealth.DISABLED]: look("disabled", "off"),
};

export const deadLetterStates: Record<DeadLetterState, Look> = {
  [DeadLetterState.UNSPECIFIED]: look("unknown state", "off"),
  [DeadLetterState.OPEN]: look("open", "bad"),
  [DeadLetterState.REPLAYED]: look("replayed", "ok"),
  [DeadLetterState.DISCARDED]: look("discarded", "off"),
};

const platforms: Record<string, string> = { bluesky: "Bluesky", mastodon: "Mastodon" };

/** A platform as people write it; one we do not know by its own word. */
export const platformName = (platform: string) => platforms[platform] ?? platform;
