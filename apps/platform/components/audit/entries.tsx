"use client";
import { AuditService } from "@chimera/gen/chimera/platform/v1/audit_service_pb";
import { auditInput, filterKeys, noFilter, type AuditFilter } from "@/app/t/[tenant]/audit/params";
import { Empty } from "@/components/panel/empty";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { MoreButton } from "@/components/panel/more-button";
import { Panel } from "@/components/panel/panel";
import { Button } from "@/components/ui/button";
import { usePages } from "@/lib/rpc/use-pages";
import { Entry } from "./entry";
import { Filters } from "./filters";

type Props = { filter: AuditFilter; onFilter: (next: Partial<AuditFilter>) => void };

export function Entries({ filter, onFilter }: Props) {
  const pages = usePages(AuditService.method.listAuditEntries, auditInput(filter));
  const filtered = filterKeys.some((k) => filter[k] !== null);
  return (
    <Panel>
      <Filters filter={filter} onFilter={onFilter} />
      <Loaded query={pages} skeleton={<Skeletons rows={10} />}>
        {(data) => {
          const entries = data.pages.flatMap((p) => p.entries);
          if (entries.length === 0) return filtered ? <Empty title="Nothing matches" action={<Button onClick={() => onFilter(noFilter)}>Clear the filters</Button>}>No entry of the chain passes all of these filters.</Empty> : <Empty title="Nothing was done yet">Every change, decision and outward action leaves an entry here.</Empty>;
          return <ol aria-label="Entries, newest first" className="divide-y divide-line">{entries.map((e) => <Entry key={e.seq.toString()} entry={e} onFilter={(next) => onFilter({ ...noFilter, ...next })} />)}</ol>;
        }}
      </Loaded>
      <MoreButton pages={pages} />
    </Panel>
  );
}
