import { BookOpenCheck, ChartNoAxesColumn, FileOutput, Gavel, GitBranch, KeyRound, ListTodo, type LucideIcon, Send, Target, UserRoundCheck, Waypoints } from "lucide-react";

export type HopKind = { label: string; icon: LucideIcon; minor?: boolean };

// The stages of TimelineEntry in post_service.proto.
const kinds: Record<string, HopKind> = {
  goal: { label: "Goal", icon: Target },
  plan: { label: "Plan", icon: GitBranch, minor: true },
  task: { label: "Task", icon: ListTodo, minor: true },
  result: { label: "Result", icon: FileOutput, minor: true },
  verdict: { label: "Verdict", icon: Gavel },
  review: { label: "Review", icon: UserRoundCheck },
  grant: { label: "Grant", icon: KeyRound },
  effect: { label: "Effect", icon: Send },
  readback: { label: "Read-back", icon: BookOpenCheck },
  metrics: { label: "Metrics", icon: ChartNoAxesColumn },
};

/** A stage this page does not know yet is shown by its own word. */
export const kindOf = (stage: string): HopKind => kinds[stage] ?? { label: stage, icon: Waypoints };
