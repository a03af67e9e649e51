import { Badge, Dot } from "@/components/ui/small";
import type { Look } from "@/components/state/look";

/** A state in its words and tone: <StateBadge look={taskStates[task.state]} />. */
export function StateBadge({ look, className }: { look: Look; className?: string }) {
  return <Badge tone={look.tone} className={className}><Dot tone={look.tone} className="size-1.5" />{look.label}</Badge>;
}
