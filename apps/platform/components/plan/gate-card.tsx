"use client";
import { UserRoundCheck } from "lucide-react";
import Link from "next/link";
import { RelativeTime } from "@/components/panel/relative-time";
import { cn } from "@/components/ui/classes";
import type { Tone } from "@/components/ui/small";
import { useTenantPath } from "@/lib/session/tenant";
import { CARD, leftOf, topOf } from "./geometry";
import type { Gate, Placed } from "./layout";

const gates: Record<Gate, { label: string; tone: Tone }> = {
  ahead: { label: "not asked yet", tone: "off" },
  open: { label: "waits for a person", tone: "wait" },
  passed: { label: "approved", tone: "ok" },
  refused: { label: "refused", tone: "bad" },
};
const fills: Record<Tone, string> = {
  wait: "fill-wait-soft stroke-wait", active: "fill-active-soft stroke-active", ok: "fill-ok-soft stroke-ok",
  bad: "fill-bad-soft stroke-bad", unknown: "fill-unknown-soft stroke-unknown", off: "fill-off-soft stroke-off/60",
};
const words: Record<Tone, string> = { wait: "text-wait", active: "text-active", ok: "text-ok", bad: "text-bad", unknown: "text-unknown", off: "text-off" };

type Props = { placed: Placed; gate: Gate; campaignId: string; name: string; dim: boolean };

/** Where the plan holds until the exact bytes are approved: a hexagon, so that it is told from steps without colour. */
export function GateCard({ placed, gate, campaignId, name, dim }: Props) {
  const path = useTenantPath();
  const look = gates[gate];
  const asked = placed.node.gate;
  const { width, height } = CARD;
  const who = asked?.decidedByName || asked?.decidedBy;
  const label = gate === "refused" && asked?.state ? asked.state.replaceAll("_", " ") : look.label;
  const body = (
    <>
      <svg aria-hidden width={width} height={height} className={cn("absolute inset-0", fills[look.tone])}>
        <polygon points={`22,1 ${width - 22},1 ${width - 1},${height / 2} ${width - 22},${height - 1} 22,${height - 1} 1,${height / 2}`} strokeWidth={gate === "open" ? 2 : 1} strokeDasharray={gate === "ahead" ? "4 3" : undefined} />
      </svg>
      <span className="relative grid h-full content-center justify-items-center px-6 text-center">
        <span className={cn("flex items-center gap-1.5 font-semibold", words[look.tone])}><UserRoundCheck className="size-3.5" aria-hidden />Approval</span>
        <span className="text-xs leading-4">{label}</span>
        <span className="max-w-full truncate text-2xs text-muted">
          {gate === "open" ? <>since <RelativeTime at={asked?.openedAt} /></> : asked?.decidedAt ? <>{who ? `${who}, ` : ""}<RelativeTime at={asked.decidedAt} /></> : null}
        </span>
        <span className="sr-only">gate before {name}</span>
      </span>
    </>
  );
  const query = asked?.reviewId ? `item=${asked.reviewId}` : `campaign=${campaignId}`;
  return (
    <li style={{ left: leftOf(placed), top: topOf(placed), ...CARD }} className={cn("absolute", dim && "opacity-35")}>
      {gate === "open" ? <Link href={`${path("reviews")}?${query}`} title={asked?.reason} className="relative block size-full hover:brightness-[0.97]">{body}</Link> : <div className="relative size-full" title={asked?.reason}>{body}</div>}
    </li>
  );
}
