import { DeadLetterState } from "@chimera/gen/chimera/platform/v1/dead_letter_service_pb";
import { look, type Look } from "./look";

export const deadLetterStates: Record<DeadLetterState, Look> = {
  [DeadLetterState.UNSPECIFIED]: look("unknown state", "off"),
  [DeadLetterState.OPEN]: look("open", "bad"),
  [DeadLetterState.REPLAYED]: look("replayed", "ok"),
  [DeadLetterState.DISCARDED]: look("discarded", "off"),
};
