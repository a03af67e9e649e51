import { ReviewRisk, ReviewState } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { look, type Look } from "./look";

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
