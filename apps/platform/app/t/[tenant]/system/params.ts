import { createLoader } from "nuqs/server";
import * as z from "zod/mini";
import { EffectState } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { zodParam } from "@/lib/url/params";

export const effectChoices = ["open", "sending", "failed"] as const;
export type EffectChoice = (typeof effectChoices)[number];

/** "open" is what nobody knows the outcome of: what a person must settle, then what is still being read back. */
export const effectStatesOf: Record<EffectChoice, readonly EffectState[]> = {
  open: [EffectState.PARKED, EffectState.UNKNOWN], sending: [EffectState.SENDING], failed: [EffectState.FAILED],
};

export const toolChoices = ["all", "changed"] as const;
export const stopChoices = ["active", "all"] as const;
export type StopChoice = (typeof stopChoices)[number];

/** ?effects= ?tools= ?stops= filter the three lists, each by itself. */
export const systemParams = {
  effects: zodParam(z.enum(effectChoices)).withDefault("open"),
  tools: zodParam(z.enum(toolChoices)).withDefault("all"),
  stops: zodParam(z.enum(stopChoices)).withDefault("active"),
};

export const loadSystemParams = createLoader(systemParams);

export const effectsInput = (state: EffectState) => ({ pageSize: 50, state });
export const stopsInput = (which: StopChoice) => ({ pageSize: 50, all: which === "all" });
