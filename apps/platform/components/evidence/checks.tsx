import type { Check } from "@chimera/gen/chimera/bus/v1/review_decision_pb";
import { Check as CheckMark, CircleAlert, X } from "lucide-react";
import { cn } from "@/components/ui/classes";

/** The judge's checks: what did not pass in full, what did behind a summary. */
export function Checks({ checks }: { checks: readonly Check[] }) {
  const open = checks.filter((c) => !c.passed);
  const passed = checks.filter((c) => c.passed);
  return (
    <>
      {open.length > 0 ? <ul className="divide-y divide-line">{open.map((c, i) => <CheckRow key={i} check={c} />)}</ul> : null}
      {passed.length > 0 ? (
        <details>
          <summary className="py-1 text-muted hover:text-text">{passed.length} of {checks.length} passed: {[...new Set(passed.map((c) => c.name))].join(", ")}</summary>
          <ul className="divide-y divide-line">{passed.map((c, i) => <CheckRow key={i} check={c} />)}</ul>
        </details>
      ) : null}
    </>
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
