import type { Tone } from "@/components/ui/small";

/** From this share of a budget on, a person should know. */
export const WARN_SHARE = 0.8;

/** How much of a budget is spent, 0 to 1 and beyond; 0 where nothing may cost. */
export const shareOf = (spent: bigint, budget: bigint): number => (budget > 0n ? Number(spent) / Number(budget) : spent > 0n ? 1 : 0);

export const shareLook = (share: number): { label: string; tone: Tone } =>
  share >= 1 ? { label: "used up", tone: "bad" } : share >= WARN_SHARE ? { label: "over 80 %", tone: "wait" } : { label: "has room", tone: "ok" };
