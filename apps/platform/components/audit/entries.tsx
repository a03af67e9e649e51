"use client";
import { AuditService } from "@chimera/gen/chimera/platform/v1/audit_service_pb";
import { auditInput, type AuditFilter } from "@/app/t/[tenant]/audit/params";
import { Empty } from "@/components/panel/empty";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { MoreButton } from "@/components/panel/more-button";
import { Panel } from "@/components/panel/panel";
import { usePages } from "@/lib/rpc/use-pages";
import { Entry } from "./entry";
import { Filters } from "./filters";

type Props = { filter: AuditFilter; onFilter: (next: Partial<AuditFilter>) => void };

export function Entries({ filter, onFilter }: Props) {
  const pages = usePages(AuditService.method.listAuditEntries, auditInput(filter));
  const filtered = Boolean(filter.action ?? filter.object ?? filter.request);
  return (
    <Panel>
      <Filters filter={filter} onFilter={onFilter} />
      <Loaded query={pages} skeleton={<Skeletons rows={10} />}>
        {(data) => {
          const entries = data.pages.flatMap((p) => p.entries);
          if (entries.length === 0) return filtered ? <Empty title="Nothing matches">Filters compare whole values. Clear one of them to see more.</Empty> : <Empty title="Nothing was done yet">Every change, decision and outward action leaves an entry here.</Empty>;
          return <ol aria-label="Entries, newest first" className="divide-y divide-line">{entries.map((e) => <Entry key={e.seq.toString()} entry={e} onFilter={onFilter} />)}</ol>;
        }}
      </Loaded>
      <MoreButton pages={pages} />
    </Panel>
  );
}
