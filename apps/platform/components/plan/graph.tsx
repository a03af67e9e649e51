"use client";
import type { PlanNode, PlanVersion } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { useMemo } from "react";
import { cn } from "@/components/ui/classes";
import { useAccounts } from "@/lib/fleet/use-fleet";
import { CARD, CELL, curve, MARGIN } from "./geometry";
import { GateCard } from "./gate-card";
import { layoutOf, nodeName } from "./layout";
import { StepCard } from "./step-card";

type Props = { campaignId: string; plan: PlanVersion; nodes: readonly PlanNode[]; open: string | null; onOpen: (taskId: string) => void };

/** The plan as it flows from left to right. The cards come in that order for keyboards and screen readers too. */
export function Graph({ campaignId, plan, nodes, open, onOpen }: Props) {
  const layout = useMemo(() => layoutOf(nodes), [nodes]);
  const accounts = useAccounts();
  const nameOf = (key: string) => {
    const { step, accountId } = nodeName(key);
    return accountId ? `${step} for ${accounts.get(accountId)?.handle ?? "an account"}` : step;
  };
  const openKey = nodes.find((n) => n.task && n.task.id === open)?.key;
  const fresh = new Set(plan.version > 1 ? plan.addedNodes : []);
  const size = { width: layout.columns * CELL.width - (CELL.width - CARD.width) + 2 * MARGIN, height: layout.rows * CELL.height + MARGIN };
  return (
    // A scrolling region must be reachable by keyboard (WCAG 2.1.1).
    <div tabIndex={0} role="region" aria-label={`Plan version ${plan.version}, from left to right`} className="scroll-thin max-h-[34rem] overflow-auto">
      <div className="relative" style={size}>
        <svg aria-hidden width={size.width} height={size.height} className="absolute inset-0">
          <defs>
            <marker id="plan-arrow" viewBox="0 0 6 6" refX="5" refY="3" markerUnits="userSpaceOnUse" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0 L6,3 L0,6 z" className="fill-line-strong" /></marker>
          </defs>
          {layout.edges.map((e) => {
            const near = openKey !== undefined && (e.from.node.key === openKey || e.to.node.key === openKey);
            return <path key={`${e.from.key}>${e.to.key}`} d={curve(e)} fill="none" markerEnd="url(#plan-arrow)" className={cn(near ? "stroke-accent stroke-2" : "stroke-line-strong/70")} />;
          })}
        </svg>
        <ol aria-label="Steps in the order of the plan">
          {layout.placed.map((p) => p.shape === "gate"
            ? <GateCard key={p.key} placed={p} gate={p.gate} campaignId={campaignId} name={nameOf(p.node.key)} />
            : <StepCard key={p.key} placed={p} after={p.node.dependsOn.map(nameOf)} account={accountOf(p.node, accounts)} open={p.node.key === openKey} fresh={fresh.has(p.node.key)} onOpen={onOpen} />)}
        </ol>
      </div>
    </div>
  );
}

function accountOf(node: PlanNode, accounts: ReturnType<typeof useAccounts>): string {
  const id = nodeName(node.key).accountId ?? node.task?.accountId;
  const account = id ? accounts.get(id) : undefined;
  return account ? `${account.handle} · ${account.platform}` : "";
}
