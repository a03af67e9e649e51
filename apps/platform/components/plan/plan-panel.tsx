"use client";
import { useQuery } from "@connectrpc/connect-query";
import type { Campaign } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { PlanService } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { useQueryStates } from "nuqs";
import type { ReactNode } from "react";
import { campaignParams, planInput } from "@/app/t/[tenant]/campaigns/[campaign]/params";
import { Empty } from "@/components/panel/empty";
import { Loaded } from "@/components/panel/loaded";
import { Panel } from "@/components/panel/panel";
import { RelativeTime } from "@/components/panel/relative-time";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/small";
import { Graph } from "./graph";
import { TaskPanel } from "./task-panel";
import { VersionList } from "./version-list";

/** The plan's current or chosen version; below it the open task, or the children while none is open, and all versions. */
export function PlanPanel({ campaign, pollMs, children }: { campaign: Campaign; pollMs: number | false; children: ReactNode }) {
  const [url, setUrl] = useQueryStates(campaignParams);
  const planned = campaign.planVersion > 0;
  const plan = useQuery(PlanService.method.getPlan, planInput(campaign.id, url.version), { enabled: planned, refetchInterval: pollMs });
  if (!planned) {
    return (
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <Panel title="Plan"><Empty title="No plan yet">Starting the campaign plans its goal by the playbook and makes the first steps ready.</Empty></Panel>
        {children}
      </div>
    );
  }
  const shown = plan.data?.plan?.version;
  const old = shown !== undefined && shown !== campaign.planVersion;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <Panel
        title={<>Plan {shown ? `version ${shown}` : ""} {old ? <span className="font-normal text-wait">superseded</span> : null}</>}
        aside={old ? <Button size="sm" onClick={() => void setUrl({ version: null, task: null })}>Show the current one</Button> : undefined}
      >
        <Loaded query={plan} skeleton={<div className="p-3"><Skeleton className="h-52" /></div>}>
          {(data) => data.plan ? (
            <>
              <p className="px-3 pt-2 text-muted">{data.plan.cause} <span className="text-xs">{data.plan.createdBy}, <RelativeTime at={data.plan.createdAt} /></span></p>
              <Graph campaignId={campaign.id} plan={data.plan} nodes={data.nodes} open={url.task} onOpen={(task) => void setUrl({ task: task === url.task ? null : task })} />
              <p className="border-t border-line px-3 py-2 text-xs text-muted">Choose a step to see its attempts and verdicts. A hexagon is an approval: nothing passes it without a grant for the exact content.</p>
            </>
          ) : null}
        </Loaded>
      </Panel>
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 xl:grid-cols-[minmax(0,1fr)_20rem]">
        {url.task ? <TaskPanel key={url.task} taskId={url.task} onClose={() => void setUrl({ task: null })} /> : children}
        <VersionList campaign={campaign} shown={shown} pollMs={pollMs} onShow={(version) => void setUrl({ version: version === campaign.planVersion ? null : String(version), task: null })} />
      </div>
    </div>
  );
}
