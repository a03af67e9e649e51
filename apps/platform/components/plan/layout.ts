import { TaskState, type PlanNode } from "@chimera/gen/chimera/platform/v1/plan_service_pb";

export type Gate = "ahead" | "open" | "passed" | "refused";

/** A step of the plan, or the approval that stands before a step that acts on a platform. */
export type Placed = { key: string; column: number; row: number; node: PlanNode; dependsOn: readonly string[] } & ({ shape: "step" } | { shape: "gate"; gate: Gate });
export type Edge = { from: Placed; to: Placed };
export type Layout = { placed: Placed[]; edges: Edge[]; columns: number; rows: number };

const gateKey = (key: string) => `${key} approval`;

const decided: Record<string, Gate> = { expected: "ahead", open: "open", approved: "passed" };

/** No effect runs without a grant for its exact bytes, so a gate stands before each. */
function gateOf({ task, kind, gate }: PlanNode): Gate | undefined {
  if (gate) return decided[gate.state] ?? "refused";
  if ((task?.kind ?? kind) !== "effect") return undefined;
  if (!task) return "ahead";
  if (task.state === TaskState.AWAITING_REVIEW) return "open";
  if (task.state === TaskState.REJECTED) return "refused";
  return task.mode === "execute" || task.state === TaskState.SUCCEEDED || task.state === TaskState.UNKNOWN ? "passed" : "ahead";
}

/**
 * Layers a plan by longest path: a step stands one column after the last thing it needs. Within a column, steps keep
 * the row of what they build on, so that each account's steps run along one line.
 */
export function layoutOf(nodes: readonly PlanNode[]): Layout {
  const items = nodes.flatMap((node): Placed[] => {
    const at = { column: 0, row: 0, node };
    const gate = gateOf(node);
    if (!gate) return [{ ...at, key: node.key, dependsOn: node.dependsOn, shape: "step" }];
    return [
      { ...at, key: gateKey(node.key), dependsOn: node.dependsOn, shape: "gate", gate },
      { ...at, key: node.key, dependsOn: [gateKey(node.key)], shape: "step" },
    ];
  });
  const byKey = new Map(items.map((i) => [i.key, i]));
  assignColumns(items, byKey);
  const columns = Math.max(0, ...items.map((i) => i.column + 1));
  const placed: Placed[] = [];
  for (let column = 0; column < columns; column++) {
    const wish = (i: Placed) => {
      const rows = i.dependsOn.flatMap((d) => byKey.get(d)?.row ?? []);
      return rows.length === 0 ? 0 : Math.floor(rows.reduce((a, b) => a + b, 0) / rows.length);
    };
    let free = 0;
    // Array sort is stable: equals keep the plan's order.
    for (const item of items.filter((i) => i.column === column).sort((a, b) => wish(a) - wish(b))) {
      item.row = Math.max(free, wish(item));
      free = item.row + 1;
      placed.push(item);
    }
  }
  const edges = placed.flatMap((to) => to.dependsOn.flatMap((d): Edge[] => {
    const from = byKey.get(d);
    return from ? [{ from, to }] : [];
  }));
  return { placed, edges, columns, rows: Math.max(0, ...placed.map((i) => i.row + 1)) };
}

/** Relaxes until nothing moves. A path has fewer steps than there are items, which bounds it even for a cyclic answer. */
function assignColumns(items: Placed[], byKey: ReadonlyMap<string, Placed>) {
  let moved = true;
  for (let pass = 0; moved && pass < items.length; pass++) {
    moved = false;
    for (const item of items) {
      for (const key of item.dependsOn) {
        const before = byKey.get(key);
        if (before && before.column >= item.column && before.column + 1 < items.length) {
          item.column = before.column + 1;
          moved = true;
        }
      }
    }
  }
}

/** "draft:<account id>" is the draft for an account. */
export function nodeName(key: string): { step: string; accountId: string | undefined } {
  const at = key.indexOf(":");
  return at < 0 ? { step: key, accountId: undefined } : { step: key.slice(0, at), accountId: key.slice(at + 1) };
}
