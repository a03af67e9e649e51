"use client";
import { moneyOf } from "@/lib/money";
import { Loaded } from "@/components/panel/loaded";
import { Panel } from "@/components/panel/panel";
import { useStatus } from "@/components/shell/use-status";
import { StateBadge } from "@/components/state/state-badge";
import { BudgetBar } from "./budget-bar";
import { shareLook, shareOf } from "./share";

/** The tenant's last 30 days against the budgets of the campaigns that ran in them. */
export function TenantSpend() {
  return (
    <Panel title="All campaigns, 30 days">
      <Loaded query={useStatus()}>
        {({ spend, campaignsNearBudget: near }) => {
          const [spent, budget] = [spend?.spentMicros30d ?? 0n, spend?.budgetMicros30d ?? 0n];
          const share = shareOf(spent, budget);
          return (
            <div className="grid gap-2.5 p-3">
              <div className="flex flex-wrap items-baseline gap-x-2">
                <span className="text-xl font-semibold tabular-nums">{moneyOf(spent)}</span>
                <span className="text-muted">{budget > 0n ? `of ${moneyOf(budget)} that the campaigns of these days may spend` : "spent; no campaign of these days may cost anything"}</span>
                {budget > 0n ? <StateBadge look={shareLook(share)} /> : null}
              </div>
              <BudgetBar spent={spent} budget={budget} />
              <p className={near.length > 0 ? "text-wait" : "text-muted"}>{near.length > 0 ? `${near.length} running ${near.length === 1 ? "campaign has" : "campaigns have"} spent 80 % or more: ${near.slice(0, 3).map((c) => c.name).join(", ")}${near.length > 3 ? " …" : ""}.` : "No running campaign has spent 80 % of its budget."}</p>
            </div>
          );
        }}
      </Loaded>
    </Panel>
  );
}
