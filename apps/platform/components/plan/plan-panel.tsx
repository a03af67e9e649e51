"use client";
import { useQuery } from "@connectrpc/connect-query";
import { CampaignState, type Campaign } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { PlanService, type PlanNode, type PlanVersion } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { useQueryStates } from "nuqs";
import { useMemo, type ReactNode } from "react";
import { campaignParams, planInput } from "@/app/t/[tenant]/campaigns/[campaign]/params";
import { Empty } from "@/components/panel/empty";
import { Loaded } from "@/components/panel/loaded";
import { Panel } from "@/components/panel/panel";
import { RelativeTime } from "@/components/panel/relative-time";
import { taskStates } from "@/components/state/task";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/field";
import { Skeleton } from "@/components/ui/small";
import { compare } from "./diff";
import { Graph } from "./graph";
import { useNamed, useNodeName, useNodeWords } from "./node-name";
import { TaskPanel } from "./task-panel";
import { Timeline } from "./timeline";
import { VersionList } from "./version-list";

/** The plan's current or chosen version; below it the open task, or the children while none is open, and all versions. */
export function PlanPanel({ campaign, children }: { campaign: Campaign; children: ReactNode }) {
  const [url, setUrl] = useQueryStates(campaignParams);
  const nameOf = useNodeName();
  const planned = campaign.planVersion > 0;
  const plan = useQuery(PlanService.method.getPlan, planInput(campaign.id, url.version), { enabled: planned });
  if (!planned) {
    return (
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <Panel title="Plan"><Empty title="No plan yet">Starting the campaign plans its goal by the playbook and makes the first steps ready.</Empty></Panel>
        {children}
      </div>
    );
  }
  const shown = plan.data?.plan?.version;
  const openNode = plan.data?.nodes.find((n) => n.task && n.task.id === url.task);
  const old = shown !== undefined && shown !== campaign.planVersion;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <Panel
        title={<>Plan {shown ? `version ${shown}` : ""} {old ? <span className="font-normal text-wait">superseded</span> : null}</>}
        aside={
          <>
            {old ? <Button size="sm" onClick={() => void setUrl({ version: null, task: null })}>Show the current one</Button> : null}
            {shown && shown > 1 ? <Button size="sm" aria-pressed={url.diff} variant={url.diff ? "primary" : "plain"} onClick={() => void setUrl({ diff: url.diff ? null : true })}>Compare with {shown - 1}</Button> : null}
            <Input aria-label="Find a step" placeholder="Find a step" value={url.find} onChange={(e) => void setUrl({ find: e.target.value || null })} className="h-7 w-36 max-sm:hidden" />
          </>
        }
      >
        <Loaded query={plan} skeleton={<div className="p-3"><Skeleton className="h-52" /></div>}>
          {(data) => data.plan ? <Shown campaign={campaign} plan={data.plan} nodes={data.nodes} /> : null}
        </Loaded>
      </Panel>
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 xl:grid-cols-[minmax(0,1fr)_20rem]">
        {url.task ? <TaskPanel key={url.task} taskId={url.task} name={openNode && nameOf(openNode)} onClose={() => void setUrl({ task: null })} /> : children}
        <VersionList campaign={campaign} shown={shown} onShow={(version) => void setUrl({ version: version === campaign.planVersion ? null : String(version), task: null })} />
      </div>
    </div>
  );
}

/** One version as graph and over time, with one selection for both; compared with the one before if asked. */
function Shown({ campaign, plan, nodes }: { campaign: Campaign; plan: PlanVersion; nodes: PlanNode[] }) {
  const [url, setUrl] = useQueryStates(campaignParams);
  const comparing = url.diff && plan.version > 1;
  const before = useQuery(PlanService.method.getPlan, { campaignId: campaign.id, version: plan.version - 1 }, { enabled: comparing });
  const older = comparing ? before.data?.nodes : undefined;
  const compared = useMemo(() => (older ? compare(older, nodes) : undefined), [older, nodes]);
  const wordsOf = useNodeWords();
  const sought = url.find.toLowerCase();
  const dim = (node: PlanNode) => {
    if (sought === "") return false;
    const { title, account } = wordsOf(node);
    return ![title, account, node.key, node.tool, node.task ? taskStates[node.task.state].label : ""].some((t) => t.toLowerCase().includes(sought));
  };
  const nameOf = useNodeName();
  const named = useNamed();
  const onOpen = (task: string) => void setUrl({ task: task === url.task ? null : task });
  return (
    <>
      <p className="px-3 pt-2"><span className="inline-block first-letter:uppercase">{named(plan.cause)}</span> <span className="text-xs text-muted">{plan.createdByName || plan.createdBy}, <RelativeTime at={plan.createdAt} /></span></p>
      <Graph campaignId={campaign.id} label={`Plan version ${plan.version}, from left to right`} nodes={compared?.nodes ?? nodes} changes={compared?.changes} open={url.task} dim={dim} onOpen={onOpen} />
      <Timeline nodes={nodes} nameOf={nameOf} open={url.task} live={campaign.state === CampaignState.RUNNING && plan.version === campaign.planVersion} dim={dim} onOpen={onOpen} />
      <p className="border-t border-line px-3 py-2 text-xs text-muted">Choose a step to see its attempts and verdicts. A hexagon is an approval: nothing passes it without a grant for the exact content.</p>
    </>
  );
}
