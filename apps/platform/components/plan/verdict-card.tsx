import { Verdict, type Check } from "@chimera/gen/chimera/bus/v1/review_decision_pb";
import type { TaskVerdict } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { Check as CheckMark, CircleAlert, UserRound, X } from "lucide-react";
import { RelativeTime } from "@/components/panel/relative-time";
import { StateBadge } from "@/components/state/state-badge";
import type { Look } from "@/components/state/states";
import { cn } from "@/components/ui/classes";

const looks: Record<Verdict, Look> = {
  [Verdict.UNSPECIFIED]: { label: "unknown verdict", tone: "off" },
  [Verdict.APPROVED]: { label: "approved", tone: "ok" },
  [Verdict.REJECTED]: { label: "rejected", tone: "bad" },
  [Verdict.REQUIRES_HUMAN_REVIEW]: { label: "asks for a person", tone: "wait" },
};

export function VerdictCard({ verdict }: { verdict: TaskVerdict }) {
  const open = verdict.checks.filter((c) => !c.passed);
  const passed = verdict.checks.filter((c) => c.passed);
  return (
    <div className="grid gap-1.5 rounded-md border border-line bg-raised p-3">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <StateBadge look={looks[verdict.verdict]} />
        <span className="inline-flex items-center gap-1">{verdict.human ? <UserRound className="size-3.5 text-muted" aria-label="a person" /> : null}{verdict.decidedBy}</span>
        <RelativeTime at={verdict.decidedAt} className="text-xs text-muted" />
      </div>
      {verdict.rationale ? <p className="break-words whitespace-pre-wrap">{verdict.rationale}</p> : null}
      {open.length > 0 ? <ul className="divide-y divide-line">{open.map((c, i) => <CheckRow key={i} check={c} />)}</ul> : null}
      {passed.length > 0 ? (
        <details>
          <summary className="text-muted hover:text-text">{passed.length} of {verdict.checks.length} checks passed</summary>
          <ul className="divide-y divide-line">{passed.map((c, i) => <CheckRow key={i} check={c} />)}</ul>
        </details>
      ) : null}
    </div>
  );
}

function CheckRow({ check }: { check: Check }) {
  const [Icon, tone, word] = check.passed ? [CheckMark, "text-ok", "passed"] as const : check.escalates ? [CircleAlert, "text-wait", "asks for a person"] as const : [X, "text-bad", "failed"] as const;
  const measured = [check.value && `found ${check.value}`, check.threshold && `asked for ${check.threshold}`].filter(Boolean).join(" · ");
  return (
    <li className="flex gap-2 py-1.5">
      <Icon className={cn("mt-0.5 size-4 shrink-0", tone)} aria-label={word} />
      <div className="min-w-0 flex-1">
        <p className="break-words"><span className="font-medium">{check.name}</span> <span className="text-muted">{check.message || check.rule}</span></p>
        {measured ? <p className="text-xs break-words text-muted">{measured}</p> : null}
      </div>
    </li>
  );
}
