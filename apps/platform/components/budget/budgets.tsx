"use client";
import { CampaignService } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { Plus } from "lucide-react";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { budgetParams, budgetsInput, budgetViews } from "@/app/t/[tenant]/budgets/params";
import { Empty } from "@/components/panel/empty";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { MoreButton } from "@/components/panel/more-button";
import { Page } from "@/components/panel/page";
import { Panel } from "@/components/panel/panel";
import { Choices } from "@/components/system/choices";
import { Button } from "@/components/ui/button";
import { usePages } from "@/lib/rpc/use-pages";
import { useTenantPath } from "@/lib/session/tenant";
import { useSession } from "@/lib/session/use-session";
import { AgentSpend } from "./agent-spend";
import { CampaignBudget } from "./campaign-budget";
import { shareOf } from "./share";
import { TenantSpend } from "./tenant-spend";

const words = { open: "May still spend", ended: "Ended" };

/** What was spent of what was allowed: the tenant, each agent, each campaign, the fullest first. */
export function Budgets() {
  const [url, setUrl] = useQueryStates(budgetParams);
  const pages = usePages(CampaignService.method.listCampaigns, budgetsInput(url.show));
  const path = useTenantPath();
  const { may } = useSession();
  const create = may(CampaignService.method.createCampaign) ? <Button asChild><Link href={path("campaigns/new")}><Plus aria-hidden />New campaign</Link></Button> : null;
  return (
    <Page title="Budgets" facts="A campaign's budget is set when it is made and holds for all its runs; a step that it does not cover is not started." actions={create}>
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-2"><TenantSpend /><AgentSpend /></div>
      <Panel title="Campaigns" aside={<Choices label="Campaigns" choices={budgetViews} words={words} value={url.show} onChange={(show) => void setUrl({ show })} />}>
        <Loaded query={pages} skeleton={<Skeletons rows={5} />}>
          {(data) => {
            const campaigns = data.pages.flatMap((p) => p.campaigns).sort((a, b) => shareOf(b.spentMicros, b.budgetMicros) - shareOf(a.spentMicros, a.budgetMicros));
            if (campaigns.length === 0) return <Empty title={url.show === "open" ? "No campaign may spend now" : "No campaign has ended"} action={url.show === "open" ? create : undefined}>{url.show === "open" ? "A draft, running or paused campaign stands here with its budget." : "What a campaign cost stays here after its end."}</Empty>;
            return <ul className="divide-y divide-line">{campaigns.map((c) => <CampaignBudget key={c.id} campaign={c} />)}</ul>;
          }}
        </Loaded>
        <MoreButton pages={pages} />
      </Panel>
    </Page>
  );
}
