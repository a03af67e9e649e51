import { createLoader } from "nuqs/server";
import * as z from "zod/mini";
import { DeadLetterState } from "@chimera/gen/chimera/platform/v1/dead_letter_service_pb";
import { uuidParam, zodParam } from "@/lib/url/params";

export const letterStates = ["open", "replayed", "discarded"] as const;
export type LetterState = (typeof letterStates)[number];

const stateOf: Record<LetterState, DeadLetterState> = {
  open: DeadLetterState.OPEN, replayed: DeadLetterState.REPLAYED, discarded: DeadLetterState.DISCARDED,
};

/** ?state= filters the list, ?letter= is the open one. */
export const letterParams = { state: zodParam(z.enum(letterStates)).withDefault("open"), letter: uuidParam() };

export const loadLetterParams = createLoader(letterParams);

export const lettersInput = (f: { state: LetterState }) => ({ pageSize: 50, state: stateOf[f.state] });
