"use client";
import { AccountHealth, AccountService, type Account } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import { Id } from "@/components/panel/copy-button";
import { RelativeTime } from "@/components/panel/relative-time";
import { StateBadge } from "@/components/state/state-badge";
import { accountHealths } from "@/components/state/account";
import { Button } from "@/components/ui/button";
import { useSession } from "@/lib/session/use-session";

export function AccountRow({ account, onSecret, onDisable }: { account: Account; onSecret: () => void; onDisable: () => void }) {
  const { may } = useSession();
  const dead = account.health === AccountHealth.CREDENTIAL_DEAD;
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
      <span className="min-w-0 flex-1 basis-56 break-words">
        <span className="font-medium">{account.handle}</span> <span className="text-muted">on {account.platform}, {account.baseUrl}, connected <RelativeTime at={account.createdAt} /></span>
      </span>
      <Id value={account.id} label="account id" />
      <StateBadge look={accountHealths[account.health]} />
      {may(AccountService.method.replaceSecret) ? <Button size="sm" variant={dead ? "primary" : "plain"} onClick={onSecret}>Replace secret…</Button> : null}
      {may(AccountService.method.setAccountDisabled) ? <Button size="sm" onClick={onDisable}>{account.health === AccountHealth.DISABLED ? "Enable…" : "Disable…"}</Button> : null}
    </li>
  );
}
