import type { Tone } from "@/components/ui/small";

export const fills: Record<Tone, string> = { wait: "fill-wait", active: "fill-active", ok: "fill-ok", bad: "fill-bad", unknown: "fill-unknown", off: "fill-off/50" };
