import type { PlanNode } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { msOf } from "@/lib/time/relative";

export type Change = "added" | "removed" | "anew" | "moved" | "same";

export type Compared = { nodes: PlanNode[]; changes: ReadonlyMap<string, Change> };

/** Both versions' steps in one plan: those only the older one has stand in it as removed. */
export function compare(older: readonly PlanNode[], newer: readonly PlanNode[]): Compared {
  const before = new Map(older.map((n) => [n.key, n]));
  const changes = new Map<string, Change>(newer.map((n) => [n.key, changeOf(before.get(n.key), n)]));
  const removed = older.filter((n) => !changes.has(n.key));
  for (const n of removed) changes.set(n.key, "removed");
  return { nodes: [...newer, ...removed], changes };
}

/** A step keeps its key over versions; another task under it means that the work is done again. */
function changeOf(before: PlanNode | undefined, now: PlanNode): Change {
  if (!before) return "added";
  if (msOf(before.plannedAt) !== msOf(now.plannedAt)) return "moved";
  return before.task?.id === now.task?.id && before.revision === now.revision ? "same" : "anew";
}
