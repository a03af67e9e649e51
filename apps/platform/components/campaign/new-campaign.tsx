"use client";
import { useQuery } from "@connectrpc/connect-query";
import { CampaignService } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import Link from "next/link";
import { Empty } from "@/components/panel/empty";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { Page } from "@/components/panel/page";
import { Panel } from "@/components/panel/panel";
import { Button } from "@/components/ui/button";
import { useTenantPath } from "@/lib/session/tenant";
import { useSession } from "@/lib/session/use-session";
import { CampaignForm } from "./campaign-form";

/** The page of the create form. The form waits for the playbooks: its first choice comes from them. */
export function NewCampaign() {
  const path = useTenantPath();
  const { may } = useSession();
  const playbooks = useQuery(CampaignService.method.listPlaybooks, {}, { staleTime: 60_000 });
  return (
    <Page title="New campaign" facts="Started, its first steps run at once, and nothing goes out before a person approves it. Only created, nothing runs and nothing costs.">
      {may(CampaignService.method.createCampaign) ? (
        <Loaded query={playbooks} skeleton={<Panel><Skeletons rows={8} /></Panel>}>{(data) => <CampaignForm playbooks={data.playbooks} />}</Loaded>
      ) : (
        <Panel><Empty title="Your role does not create campaigns" action={<Button asChild><Link href={path("campaigns")}>See the campaigns</Link></Button>}>Operators and above do. An administrator of this tenant gives roles.</Empty></Panel>
      )}
    </Page>
  );
}
