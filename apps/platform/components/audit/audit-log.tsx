"use client";
import { AuditService } from "@chimera/gen/chimera/platform/v1/audit_service_pb";
import { useQueryStates } from "nuqs";
import { auditParams, auditViews, noFilter } from "@/app/t/[tenant]/audit/params";
import { Page } from "@/components/panel/page";
import { Button } from "@/components/ui/button";
import { useSession } from "@/lib/session/use-session";
import { ChainState } from "./chain-state";
import { Entries } from "./entries";
import { SecurityEvents } from "./security-events";

const words = { entries: "What was done", security: "Blocked attempts" };

/** The append-only chain (R14.3), and for administrators what was refused (R9.5). */
export function AuditLog() {
  const [url, setUrl] = useQueryStates(auditParams);
  const { may } = useSession();
  const admin = may(AuditService.method.listSecurityEvents);
  const view = admin ? url.view : "entries";
  return (
    <Page title="Audit" facts="Who did what to which object, and why they were allowed to. Entries are chained by hash: none can be changed or left out unseen." actions={<ChainState />}>
      {admin ? (
        <div role="group" aria-label="Show" className="flex gap-1.5">
          {auditViews.map((v) => <Button key={v} aria-pressed={v === view} variant={v === view ? "primary" : "plain"} onClick={() => void setUrl({ view: v })}>{words[v]}</Button>)}
        </div>
      ) : null}
      {view === "entries" ? <Entries filter={url} onFilter={(next) => void setUrl({ ...next, view: "entries" })} /> : <SecurityEvents onRequest={(request) => void setUrl({ ...noFilter, view: "entries", request })} />}
    </Page>
  );
}
