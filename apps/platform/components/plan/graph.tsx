"use client";
import type { PlanNode } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { useMemo } from "react";
import { cn } from "@/components/ui/classes";
import type { Change } from "./diff";
import { CARD, CELL, curve, MARGIN } from "./geometry";
import { GateCard } from "./gate-card";
import { layoutOf } from "./layout";
import { useNodeWords } from "./node-name";
import { StepCard } from "./step-card";

type Props = {
  campaignId: string;
  label: string;
  nodes: readonly PlanNode[];
  /** What the shown version did to each step, while versions are compared. */
  changes?: ReadonlyMap<string, Change>;
  open: string | null;
  dim: (node: PlanNode) => boolean;
  onOpen: (taskId: string) => void;
};

/** The plan as it flows from left to right. The cards come in that order for keyboards and screen readers too. */
export function Graph({ campaignId, label, nodes, changes, open, dim, onOpen }: Props) {
  const layout = useMemo(() => layoutOf(nodes), [nodes]);
  const wordsOf = useNodeWords();
  const byKey = new Map(nodes.map((n) => [n.key, n]));
  const nameOf = (key: string) => {
    const node = byKey.get(key);
    const { title, account } = node ? wordsOf(node) : { title: key, account: "" };
    return account ? `${title} for ${account}` : title;
  };
  const openKey = nodes.find((n) => n.task && n.task.id === open)?.key;
  const size = { width: layout.columns * CELL.width - (CELL.width - CARD.width) + 2 * MARGIN, height: layout.rows * CELL.height + MARGIN };
  return (
    // A scrolling region must be reachable by keyboard (WCAG 2.1.1).
    <div tabIndex={0} role="region" aria-label={label} className="scroll-thin max-h-[34rem] overflow-auto">
      <div className="relative" style={size}>
        <svg aria-hidden width={size.width} height={size.height} className="absolute inset-0">
          <defs>
            <marker id="plan-arrow" viewBox="0 0 6 6" refX="5" refY="3" markerUnits="userSpaceOnUse" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0 L6,3 L0,6 z" className="fill-line-strong" /></marker>
          </defs>
          {layout.edges.map((e) => {
            const near = openKey !== undefined && (e.from.node.key === openKey || e.to.node.key === openKey);
            const faint = dim(e.from.node) || dim(e.to.node);
            return <path key={`${e.from.key}>${e.to.key}`} d={curve(e)} fill="none" markerEnd="url(#plan-arrow)" className={cn(near ? "stroke-accent stroke-2" : "stroke-line-strong/70", faint && "opacity-30")} />;
          })}
        </svg>
        <ol aria-label="Steps in the order of the plan">
          {layout.placed.map((p) => p.shape === "gate"
            ? <GateCard key={p.key} placed={p} gate={p.gate} campaignId={campaignId} name={nameOf(p.node.key)} dim={dim(p.node)} />
            : <StepCard key={p.key} placed={p} words={wordsOf(p.node)} after={p.node.dependsOn.map(nameOf)} open={p.node.key === openKey} change={changes?.get(p.node.key)} dim={dim(p.node)} onOpen={onOpen} />)}
        </ol>
      </div>
    </div>
  );
}
