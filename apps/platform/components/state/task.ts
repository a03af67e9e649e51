import { TaskState } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { look, type Look } from "./look";

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
