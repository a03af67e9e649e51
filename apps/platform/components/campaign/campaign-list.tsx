"use client";
import { CampaignService } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { Plus } from "lucide-react";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { campaignsInput, campaignsParams } from "@/app/t/[tenant]/campaigns/params";
import { Empty } from "@/components/panel/empty";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { MoreButton } from "@/components/panel/more-button";
import { Page } from "@/components/panel/page";
import { Panel } from "@/components/panel/panel";
import { Button } from "@/components/ui/button";
import { useAgents } from "@/lib/fleet/use-fleet";
import { usePages } from "@/lib/rpc/use-pages";
import { useTenantPath } from "@/lib/session/tenant";
import { useSession } from "@/lib/session/use-session";
import { CampaignFilters } from "./campaign-filters";
import { CampaignRow } from "./campaign-row";

/** All campaigns, newest first. */
export function CampaignList() {
  const [url, setUrl] = useQueryStates(campaignsParams);
  const pages = usePages(CampaignService.method.listCampaigns, campaignsInput(url));
  const campaigns = pages.data?.pages.flatMap((p) => p.campaigns) ?? [];
  const agents = useAgents();
  const filtered = url.state !== "all" || url.agent !== null || url.query !== null;
  return (
    <Page title="Campaigns" facts="Goals that agents work on, newest first." actions={<NewCampaign />}>
      <Panel>
        <CampaignFilters filter={url} onChange={(next) => void setUrl(next)} />
        <Loaded query={pages} skeleton={<Skeletons rows={8} />}>
          {() => campaigns.length === 0 ? <NoCampaigns filtered={filtered} onClear={() => void setUrl(null)} /> : (
            <ul aria-label="Campaigns" className="divide-y divide-line">
              {campaigns.map((c) => <CampaignRow key={c.id} campaign={c} agent={c.agentName || agents.get(c.agentId)?.name || "…"} />)}
            </ul>
          )}
        </Loaded>
        <MoreButton pages={pages} />
      </Panel>
    </Page>
  );
}

function NewCampaign() {
  const path = useTenantPath();
  const { may } = useSession();
  if (!may(CampaignService.method.createCampaign)) return null;
  return <Button variant="primary" asChild><Link href={path("campaigns/new")}><Plus />New campaign</Link></Button>;
}

function NoCampaigns({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (filtered) return <Empty title="Nothing matches" action={<Button onClick={onClear}>Clear the filters</Button>}>No campaign passes these filters.</Empty>;
  return <Empty title="No campaign yet" action={<NewCampaign />}>A campaign gives an agent a goal and the accounts to reach it with. Nothing runs before it is started.</Empty>;
}
