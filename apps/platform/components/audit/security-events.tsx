"use client";
import { AuditService } from "@chimera/gen/chimera/platform/v1/audit_service_pb";
import { securityInput } from "@/app/t/[tenant]/audit/params";
import { Id } from "@/components/panel/copy-button";
import { Empty } from "@/components/panel/empty";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { MoreButton } from "@/components/panel/more-button";
import { Panel } from "@/components/panel/panel";
import { RelativeTime } from "@/components/panel/relative-time";
import { Button } from "@/components/ui/button";
import { Badge } from "@/components/ui/small";
import { usePages } from "@/lib/rpc/use-pages";

/** What was tried and refused; onRequest shows what else the same request did. */
export function SecurityEvents({ onRequest }: { onRequest: (requestId: string) => void }) {
  const pages = usePages(AuditService.method.listSecurityEvents, securityInput);
  return (
    <Panel title="Blocked attempts">
      <Loaded query={pages} skeleton={<Skeletons rows={8} />}>
        {(data) => {
          const events = data.pages.flatMap((p) => p.events);
          if (events.length === 0) return <Empty title="No attempt was blocked">Foreign ids, replayed grants and refused tokens appear here.</Empty>;
          return (
            <ol aria-label="Blocked attempts, newest first" className="divide-y divide-line">
              {events.map((e) => (
                <li key={e.id} className="grid items-start gap-x-3 gap-y-1 px-3 py-2 sm:grid-cols-[6rem_minmax(0,1fr)_auto]">
                  <RelativeTime at={e.at} className="text-muted" />
                  <p className="min-w-0 break-words"><Badge tone="bad">{e.kind.replaceAll("_", " ")}</Badge> <strong className="font-medium">{e.actor || "somebody unknown"}</strong> <span className="text-muted">{e.detail}</span></p>
                  {e.requestId ? <span className="flex items-center gap-1"><Id value={e.requestId} label="request id" /><Button size="sm" onClick={() => onRequest(e.requestId)}>Its entries</Button></span> : null}
                </li>
              ))}
            </ol>
          );
        }}
      </Loaded>
      <MoreButton pages={pages} />
    </Panel>
  );
}
