"use client";
import { EffectState, PostService, type Effect } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { useState } from "react";
import { effectsInput, type EffectChoice } from "@/app/t/[tenant]/posts/params";
import { Empty } from "@/components/panel/empty";
import { Id } from "@/components/panel/copy-button";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { MoreButton } from "@/components/panel/more-button";
import { RelativeTime } from "@/components/panel/relative-time";
import { SourceLink } from "@/components/evidence/source-list";
import { StateBadge } from "@/components/state/state-badge";
import { effectStates } from "@/components/state/states";
import { Button } from "@/components/ui/button";
import { useAccounts } from "@/lib/fleet/use-fleet";
import { usePages } from "@/lib/rpc/use-pages";
import { useSession } from "@/lib/session/use-session";
import { ResolveDialog } from "./resolve-dialog";

/** What a person may settle: where read-back has not. */
const UNSETTLED: ReadonlySet<EffectState> = new Set([EffectState.UNKNOWN, EffectState.PARKED]);

/** Every publication by how it went; those that read-back could not settle wait for a person's word. */
export function EffectList({ outcome }: { outcome: EffectChoice }) {
  const pages = usePages(PostService.method.listEffects, effectsInput(outcome));
  const effects = pages.data?.pages.flatMap((p) => p.effects) ?? [];
  const [settling, setSettling] = useState<Effect>();
  return (
    <>
      <Loaded query={pages} skeleton={<Skeletons rows={8} />}>
        {() => effects.length === 0 ? <Empty title={outcome === "all" ? "Nothing was sent yet" : "None"}>{outcome === "parked" || outcome === "unknown" ? "Every publication's outcome is known." : "Publications appear here from the moment they are prepared."}</Empty> : (
          <ul aria-label="Publications" className="divide-y divide-line">{effects.map((e) => <EffectRow key={e.id} effect={e} onSettle={() => setSettling(e)} />)}</ul>
        )}
      </Loaded>
      <MoreButton pages={pages} />
      {settling ? <ResolveDialog effect={settling} onClose={() => setSettling(undefined)} /> : null}
    </>
  );
}

function EffectRow({ effect, onSettle }: { effect: Effect; onSettle: () => void }) {
  const account = useAccounts().get(effect.accountId);
  const { may } = useSession();
  return (
    <li className="grid gap-x-4 gap-y-1 px-3 py-2.5 lg:grid-cols-[minmax(0,1fr)_auto] lg:items-center">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <StateBadge look={effectStates[effect.state]} />
          <span className="font-medium">{account?.handle ?? "…"}</span> <span className="text-muted">{account?.platform}</span>
          <span className="text-xs text-muted">prepared <RelativeTime at={effect.preparedAt} />{effect.sendingAt ? <>, sent <RelativeTime at={effect.sendingAt} /></> : null}{effect.settledAt ? <>, settled <RelativeTime at={effect.settledAt} /></> : null}</span>
        </p>
        {effect.note ? <p className="break-words">{effect.note}</p> : null}
        {effect.url ? <p className="flex"><SourceLink url={effect.url} words={effect.url} /></p> : null}
        <p className="flex flex-wrap gap-x-3 text-xs text-muted"><span>effect <Id value={effect.id} label="effect id" /></span><span>platform key <Id value={effect.platformKey} label="platform key" /></span></p>
      </div>
      {UNSETTLED.has(effect.state) && may(PostService.method.resolveEffect) ? <Button onClick={onSettle}>Settle it</Button> : null}
    </li>
  );
}
