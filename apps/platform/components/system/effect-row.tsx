"use client";
import { EffectState, PostService, type Effect } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { ExternalLink } from "lucide-react";
import { Id } from "@/components/panel/copy-button";
import { RelativeTime } from "@/components/panel/relative-time";
import { StateBadge } from "@/components/state/state-badge";
import { effectStates } from "@/components/state/states";
import { Button } from "@/components/ui/button";
import { useAccounts } from "@/lib/fleet/use-fleet";
import { useSession } from "@/lib/session/use-session";

/** Only a parked one can be settled by hand: the others are still being settled by reading back. */
export function EffectRow({ effect, onSettle }: { effect: Effect; onSettle: (effect: Effect) => void }) {
  const account = useAccounts().get(effect.accountId);
  const { may } = useSession();
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
      <StateBadge look={effectStates[effect.state]} />
      <span className="min-w-0 flex-1 basis-56">
        <span className="font-medium">{effect.tool}</span> <span className="text-muted">as {account ? `${account.handle} (${account.platform})` : "an account"}, <RelativeTime at={effect.settledAt ?? effect.sendingAt ?? effect.preparedAt} /></span>
        {effect.note ? <span className="block break-words text-muted">{effect.note}</span> : null}
      </span>
      <Id value={effect.id} label="effect id" />
      {webAddress(effect.url) ? <a href={effect.url} target="_blank" rel="noreferrer noopener" className="inline-flex items-center gap-1 text-accent underline underline-offset-2">Open<ExternalLink className="size-3" aria-hidden /></a> : null}
      {effect.state === EffectState.PARKED && may(PostService.method.resolveEffect) ? <Button size="sm" variant="primary" onClick={() => onSettle(effect)}>Settle…</Button> : null}
    </li>
  );
}

/** The address came from a platform: anything but a web page is not linked to. */
const webAddress = (url: string) => /^https?:\/\//i.test(url);
