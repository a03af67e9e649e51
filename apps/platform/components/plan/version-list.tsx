"use client";
import type { Campaign } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { PlanService, type PlanVersion } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { versionsInput } from "@/app/t/[tenant]/campaigns/[campaign]/params";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { MoreButton } from "@/components/panel/more-button";
import { Panel } from "@/components/panel/panel";
import { RelativeTime } from "@/components/panel/relative-time";
import { cn } from "@/components/ui/classes";
import { useAccounts } from "@/lib/fleet/use-fleet";
import { usePages } from "@/lib/rpc/use-pages";
import { nodeName } from "./layout";
import { useNamed } from "./node-name";

type Props = { campaign: Campaign; shown: number | undefined; onShow: (version: number) => void };

/** Every version, newest first: why it was written, and what it changed. */
export function VersionList({ campaign, shown, onShow }: Props) {
  const pages = usePages(PlanService.method.listPlanVersions, versionsInput(campaign.id));
  const named = useNamed();
  const versions = pages.data?.pages.flatMap((p) => p.versions) ?? [];
  return (
    <Panel title="Versions">
      <Loaded query={pages} skeleton={<Skeletons rows={2} />}>
        {() => (
          <ol className="scroll-thin max-h-[34rem] divide-y divide-line overflow-y-auto">
            {versions.map((v) => (
              <li key={v.version} className={cn("relative grid gap-1 px-3 py-2", v.version === shown ? "bg-selected" : "hover:bg-hover")}>
                <div className="flex items-baseline gap-2">
                  <button type="button" aria-pressed={v.version === shown} onClick={() => onShow(v.version)} className="font-semibold after:absolute after:inset-0">Version {v.version}</button>
                  {v.version === campaign.planVersion ? <span className="text-xs text-muted">current</span> : null}
                  <span className="flex-1" />
                  <RelativeTime at={v.createdAt} className="text-xs text-muted" />
                </div>
                <p className="break-words first-letter:uppercase">{named(v.cause)}</p>
                <p className="text-xs text-muted">by {v.createdByName || v.createdBy}</p>
                <Changes version={v} />
              </li>
            ))}
          </ol>
        )}
      </Loaded>
      <MoreButton pages={pages} />
    </Panel>
  );
}

/** A step in both lists was planned anew: its key stayed, its work did not. */
function Changes({ version }: { version: PlanVersion }) {
  if (version.version === 1) return <p className="text-xs text-muted">{version.addedNodes.length} steps planned.</p>;
  const again = version.addedNodes.filter((n) => version.removedNodes.includes(n));
  return (
    <ul className="grid gap-0.5 text-xs">
      <Change sign="+" word="added" nodes={version.addedNodes.filter((n) => !again.includes(n))} className="text-ok" />
      <Change sign="−" word="removed" nodes={version.removedNodes.filter((n) => !again.includes(n))} className="text-bad" />
      <Change sign="↻" word="planned anew" nodes={again} className="text-active" />
    </ul>
  );
}

function Change({ sign, word, nodes, className }: { sign: string; word: string; nodes: string[]; className: string }) {
  const accounts = useAccounts();
  if (nodes.length === 0) return null;
  const names = nodes.map((key) => {
    const { step, accountId } = nodeName(key);
    const handle = accountId ? accounts.get(accountId)?.handle : undefined;
    return handle ? `${step} (${handle})` : step;
  });
  return <li className="break-words"><span className={cn("font-semibold", className)}><span aria-hidden>{sign} </span>{word}</span> {names.join(", ")}</li>;
}
