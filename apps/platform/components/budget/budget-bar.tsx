import { cn } from "@/components/ui/classes";
import type { Tone } from "@/components/ui/small";
import { shareLook, shareOf, WARN_SHARE } from "./share";

const fills: Record<Tone, string> = { wait: "bg-wait", active: "bg-active", ok: "bg-ok", bad: "bg-bad", unknown: "bg-unknown", off: "bg-off" };

/** Spent against the limit, with a mark where the warning begins. The numbers stand beside it as text. */
export function BudgetBar({ spent, budget, className }: { spent: bigint; budget: bigint; className?: string }) {
  const share = shareOf(spent, budget);
  return (
    <span aria-hidden className={cn("relative block h-2.5 overflow-hidden rounded-full bg-sunken ring-1 ring-line", className)}>
      <span className={cn("block h-full rounded-full", fills[shareLook(share).tone])} style={{ width: `${Math.min(1, share) * 100}%` }} />
      {budget > 0n ? <span className="absolute inset-y-0 w-px bg-line-strong" style={{ left: `${WARN_SHARE * 100}%` }} /> : null}
    </span>
  );
}
