"use client";
import { Loaded } from "@/components/panel/loaded";
import { Panel } from "@/components/panel/panel";
import { StateBadge } from "@/components/state/state-badge";
import { useStatus } from "@/components/shell/use-status";

/** Each part's health, the workers among them, as the orchestrator found it a moment ago. */
export function Parts() {
  return (
    <Panel title="Parts">
      <Loaded query={useStatus()}>
        {(s) => (
          <ul className="divide-y divide-line">
            {s.parts.map((p) => (
              <li key={p.part} className="flex flex-wrap items-center gap-x-3 gap-y-0.5 px-3 py-2">
                <span className="w-24 font-medium">{p.part}</span>
                <StateBadge look={p.ok ? { label: "answers", tone: "ok" } : { label: "degraded", tone: "bad" }} />
                <span className="min-w-0 break-words text-muted">{p.detail}</span>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}
