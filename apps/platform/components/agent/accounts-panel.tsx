"use client";
import { AccountService, type Account } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import { Plus } from "lucide-react";
import { useState } from "react";
import { accountsInput } from "@/app/t/[tenant]/agents/params";
import { Empty } from "@/components/panel/empty";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { MoreButton } from "@/components/panel/more-button";
import { Panel } from "@/components/panel/panel";
import { Button } from "@/components/ui/button";
import { usePages } from "@/lib/rpc/use-pages";
import { useSession } from "@/lib/session/use-session";
import { AccountRow } from "./account-row";
import { ConnectDialog } from "./connect-dialog";
import { DisableDialog } from "./disable-dialog";
import { SecretDialog } from "./secret-dialog";

type Open = { kind: "connect" } | { kind: "secret" | "disable"; account: Account };

/** The agent's accounts. Secrets go in and never come out (R11.4): there is nothing here that could show one. */
export function AccountsPanel({ agentId, agentName }: { agentId: string; agentName: string }) {
  const pages = usePages(AccountService.method.listAccounts, accountsInput(agentId));
  const { may } = useSession();
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const connect = may(AccountService.method.connectAccount) ? <Button size="sm" variant="primary" onClick={() => setOpen({ kind: "connect" })}><Plus aria-hidden />Connect an account</Button> : null;
  return (
    <Panel title="Accounts" aside={connect}>
      <Loaded query={pages} skeleton={<Skeletons rows={2} />}>
        {(data) => {
          const accounts = data.pages.flatMap((p) => p.accounts);
          if (accounts.length === 0) return <Empty title="No account connected">{connect ? "Connect one, so that the agent can publish." : "An administrator can connect one."}</Empty>;
          return <ul className="divide-y divide-line">{accounts.map((a) => <AccountRow key={a.id} account={a} onSecret={() => setOpen({ kind: "secret", account: a })} onDisable={() => setOpen({ kind: "disable", account: a })} />)}</ul>;
        }}
      </Loaded>
      <MoreButton pages={pages} />
      {open?.kind === "connect" ? <ConnectDialog agentId={agentId} agentName={agentName} onClose={close} /> : null}
      {open?.kind === "secret" ? <SecretDialog account={open.account} onClose={close} /> : null}
      {open?.kind === "disable" ? <DisableDialog account={open.account} onClose={close} /> : null}
    </Panel>
  );
}
