import { EffectState } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { look, type Look } from "./look";

export const effectStates: Record<EffectState, Look> = {
  [EffectState.UNSPECIFIED]: look("unknown state", "off"),
  [EffectState.PREPARED]: look("prepared", "active"),
  [EffectState.SENDING]: look("sending", "active"),
  [EffectState.CONFIRMED]: look("confirmed", "ok"),
  [EffectState.UNKNOWN]: look("outcome unknown", "unknown"),
  [EffectState.FAILED]: look("failed", "bad"),
  [EffectState.PARKED]: look("needs your word", "unknown"),
};
