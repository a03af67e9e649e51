"use client";
import { EffectState, PostService, type Effect } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import Link from "next/link";
import { SourceLink } from "@/components/evidence/source-list";
import { Id } from "@/components/panel/copy-button";
import { RelativeTime } from "@/components/panel/relative-time";
import { StateBadge } from "@/components/state/state-badge";
import { effectStates } from "@/components/state/effect";
import { platformName } from "@/components/state/platform";
import { Button } from "@/components/ui/button";
import { useTenantPath } from "@/lib/session/tenant";
import { useSession } from "@/lib/session/use-session";

/** What a person may settle: where read-back has not. */
const UNSETTLED: ReadonlySet<EffectState> = new Set([EffectState.UNKNOWN, EffectState.PARKED]);

/** One outward action: what became of it, for whom, and the way to where it came from. */
export function EffectRow({ effect, onSettle }: { effect: Effect; onSettle: (effect: Effect) => void }) {
  const { may } = useSession();
  const path = useTenantPath();
  return (
    <li className="grid grid-cols-[minmax(0,1fr)] gap-x-4 gap-y-1 px-3 py-2.5 lg:grid-cols-[minmax(0,1fr)_auto] lg:items-center">
      <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-0.5">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <StateBadge look={effectStates[effect.state]} />
          <span className="font-medium">{effect.tool}</span>
          <span className="text-muted">as {effect.accountHandle || "an account"}{effect.platform ? ` on ${platformName(effect.platform)}` : ""}{effect.agentName ? `, ${effect.agentName}` : ""}</span>
        </p>
        {effect.note ? <p className="wrap-anywhere">{effect.note}</p> : null}
        {effect.url ? <p className="flex"><SourceLink url={effect.url} words={effect.url} /></p> : null}
        <p className="flex flex-wrap items-center gap-x-3 text-xs leading-6 text-muted">
          {effect.campaignId ? <Link href={path(`campaigns/${effect.campaignId}?task=${effect.taskId}`)} className="text-accent underline-offset-2 hover:underline">{effect.campaignName || "Campaign"}</Link> : null}
          <span>prepared <RelativeTime at={effect.preparedAt} />{effect.sendingAt ? <>, sent <RelativeTime at={effect.sendingAt} /></> : null}{effect.settledAt ? <>, settled <RelativeTime at={effect.settledAt} /></> : null}</span>
          <Id value={effect.id} label="effect id" />
        </p>
      </div>
      {UNSETTLED.has(effect.state) && may(PostService.method.resolveEffect) ? <Button className="max-sm:h-11" variant={effect.state === EffectState.PARKED ? "primary" : "plain"} onClick={() => onSettle(effect)}>Settle…</Button> : null}
    </li>
  );
}
