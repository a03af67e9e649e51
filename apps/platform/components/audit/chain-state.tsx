"use client";
import { AuditService } from "@chimera/gen/chimera/platform/v1/audit_service_pb";
import { useQuery } from "@connectrpc/connect-query";
import { Link2, ShieldAlert, ShieldCheck } from "lucide-react";
import { Id } from "@/components/panel/copy-button";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { Button } from "@/components/ui/button";
import { Badge } from "@/components/ui/small";

/** Recomputes the whole chain on a press: it reads every entry, so it is never done by itself. */
export function ChainState() {
  const check = useQuery(AuditService.method.verifyAuditChain, {}, { enabled: false, gcTime: 0, retry: false });
  const found = check.data;
  return (
    <div className="flex flex-wrap items-center gap-2" role="status">
      {check.error ? <ProblemNotice error={check.error} /> : null}
      {found && !check.error ? (
        found.intact
          ? <Badge tone="ok"><ShieldCheck aria-hidden />Chain intact: {Number(found.entries).toLocaleString("en")} entries</Badge>
          : <Badge tone="bad" className="whitespace-normal"><ShieldAlert aria-hidden />Broken at entry {found.brokenSeq.toString()}: {found.finding}</Badge>
      ) : null}
      {found?.headHash ? <Id value={found.headHash} label="hash of the newest entry" /> : null}
      <Button disabled={check.isFetching} onClick={() => void check.refetch()}><Link2 aria-hidden />{check.isFetching ? "Recomputing…" : found ? "Verify again" : "Verify the chain"}</Button>
    </div>
  );
}
