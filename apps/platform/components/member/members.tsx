"use client";
import { MemberService, type Member } from "@chimera/gen/chimera/platform/v1/member_service_pb";
import { Plus } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { membersInput } from "@/app/t/[tenant]/members/params";
import { Empty } from "@/components/panel/empty";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { MoreButton } from "@/components/panel/more-button";
import { Page } from "@/components/panel/page";
import { Panel } from "@/components/panel/panel";
import { Button } from "@/components/ui/button";
import { usePages } from "@/lib/rpc/use-pages";
import { useTenantPath } from "@/lib/session/tenant";
import { useSession } from "@/lib/session/use-session";
import { MemberDialog } from "./member-dialog";
import { MemberRow } from "./member-row";
import { RemoveDialog } from "./remove-dialog";
import { roleWords } from "./roles";

type Open = { kind: "set"; member?: Member } | { kind: "remove"; member: Member };

/** Who may act in the tenant (R13.3). A change takes effect with the person's next request. */
export function Members() {
  const { may } = useSession();
  const path = useTenantPath();
  const admin = may(MemberService.method.listMembers);
  const pages = usePages(MemberService.method.listMembers, membersInput, { enabled: admin });
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  return (
    <Page
      title="Members" facts="Who may act here, and how far. A change holds from their next request."
      actions={admin ? <><Button asChild><Link href={`${path("audit")}?action=member.`}>Its changes</Link></Button><Button variant="primary" onClick={() => setOpen({ kind: "set" })}><Plus aria-hidden />Add a member</Button></> : null}
    >
      <Panel>
        {admin ? (
          <Loaded query={pages} skeleton={<Skeletons rows={5} />}>
            {(data) => <ul aria-label="Members" className="divide-y divide-line">{data.pages.flatMap((p) => p.members).map((m) => <MemberRow key={m.subject} member={m} onChange={() => setOpen({ kind: "set", member: m })} onRemove={() => setOpen({ kind: "remove", member: m })} />)}</ul>}
          </Loaded>
        ) : <Empty title="Administrators see the members">Ask one of this tenant for another role.</Empty>}
        <MoreButton pages={pages} />
      </Panel>
      <Panel title="What each role may do">
        <dl className="grid gap-x-4 gap-y-1.5 p-3 sm:grid-cols-[8rem_minmax(0,1fr)]">
          {roleWords.map((r) => <div key={r.role} className="contents"><dt className="font-medium">{r.name}</dt><dd className="text-muted">{r.may}</dd></div>)}
        </dl>
      </Panel>
      {open?.kind === "set" ? <MemberDialog member={open.member} onClose={close} /> : null}
      {open?.kind === "remove" ? <RemoveDialog member={open.member} onClose={close} /> : null}
    </Page>
  );
}
