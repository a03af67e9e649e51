"use client";
import { AuditOutcome, type AuditEntry } from "@chimera/gen/chimera/platform/v1/audit_service_pb";
import { cn } from "@/components/ui/classes";
import type { Tone } from "@/components/ui/small";
import { exactly, msOf } from "@/lib/time/relative";
import { useNow } from "@/lib/time/use-now";

const outcomes: Record<AuditOutcome, { label: string; tone: Tone }> = {
  [AuditOutcome.UNSPECIFIED]: { label: "recorded", tone: "off" },
  [AuditOutcome.DONE]: { label: "done", tone: "ok" },
  [AuditOutcome.FAILED]: { label: "failed", tone: "bad" },
  [AuditOutcome.REFUSED]: { label: "refused", tone: "bad" },
  [AuditOutcome.UNKNOWN]: { label: "outcome unknown", tone: "unknown" },
};
const fills: Record<Tone, string> = { wait: "border-wait bg-wait", active: "border-active bg-active", ok: "border-ok bg-ok", bad: "border-bad bg-bad", unknown: "border-unknown bg-unknown", off: "border-off bg-off" };
const words: Record<Tone, string> = { wait: "text-wait", active: "text-active", ok: "text-ok", bad: "text-bad", unknown: "text-unknown", off: "text-muted" };

/** Authorised, attempted, outcome. A hollow third pip is what one scans for: it was tried, and how it ended is not known. */
export function Pips({ entry }: { entry: AuditEntry }) {
  const zoned = useNow() > 0;
  const look = outcomes[entry.outcome];
  const at = (t: AuditEntry["at"]) => (zoned && t ? exactly(msOf(t) ?? 0) : "");
  const steps = [
    { name: "authorised", at: entry.authorizedAt, tone: "ok" as Tone },
    { name: "attempted", at: entry.attemptedAt, tone: "ok" as Tone },
    { name: look.label, at: entry.outcomeAt, tone: look.tone },
  ];
  const told = steps.map((s) => (s.at ? `${s.name} ${at(s.at)}` : `not ${s.name === look.label ? "settled" : s.name}`)).join("; ");
  return (
    <span className="inline-flex items-center gap-1.5 text-xs" title={told}>
      <span role="img" aria-label={told} className="inline-flex items-center">
        {steps.map((s, i) => (
          <span key={i} className="inline-flex items-center">
            {i > 0 ? <span className={cn("h-px w-2.5", s.at ? "bg-line-strong" : "bg-line")} /> : null}
            <span className={cn("size-2.5 rounded-full border-[1.5px]", s.at ? fills[s.tone] : "border-dashed border-line-strong bg-transparent")} />
          </span>
        ))}
      </span>
      <span className={cn("min-w-12", words[look.tone])}>{entry.outcomeAt ? look.label : entry.attemptedAt ? "open" : look.label}</span>
    </span>
  );
}
