import { Verdict } from "@chimera/gen/chimera/bus/v1/review_decision_pb";
import type { TaskVerdict } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { UserRound } from "lucide-react";
import { Checks } from "@/components/evidence/checks";
import { RelativeTime } from "@/components/panel/relative-time";
import { StateBadge } from "@/components/state/state-badge";
import type { Look } from "@/components/state/look";

const looks: Record<Verdict, Look> = {
  [Verdict.UNSPECIFIED]: { label: "unknown verdict", tone: "off" },
  [Verdict.APPROVED]: { label: "approved", tone: "ok" },
  [Verdict.REJECTED]: { label: "rejected", tone: "bad" },
  [Verdict.REQUIRES_HUMAN_REVIEW]: { label: "asks for a person", tone: "wait" },
};

export function VerdictCard({ verdict }: { verdict: TaskVerdict }) {
  return (
    <div className="grid gap-1.5 rounded-md border border-line bg-raised p-3">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <StateBadge look={looks[verdict.verdict]} />
        <span className="inline-flex items-center gap-1">{verdict.human ? <UserRound className="size-3.5 text-muted" aria-label="a person" /> : null}{verdict.decidedByName || verdict.decidedBy}</span>
        <RelativeTime at={verdict.decidedAt} className="text-xs text-muted" />
      </div>
      {verdict.rationale ? <p className="break-words whitespace-pre-wrap">{verdict.rationale}</p> : null}
      <Checks checks={verdict.checks} />
    </div>
  );
}
