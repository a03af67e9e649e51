import type { GetReviewResponse } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { Checks } from "@/components/evidence/checks";
import { MemoryList } from "@/components/evidence/memory-list";
import { SourceList } from "@/components/evidence/source-list";

/** What the decision can lean on: checks, sources with their taint, and what reviewers said before. */
export function Evidence({ data }: { data: GetReviewResponse }) {
  const checks = data.review?.checks ?? [];
  const failed = checks.filter((c) => !c.passed).length;
  return (
    <div className="grid gap-4">
      <section>
        <h3 className="pb-1 font-semibold">Checks <span className="font-normal text-muted">{checks.length === 0 ? "none recorded" : failed === 0 ? `all ${checks.length} passed` : `${failed} of ${checks.length} not passed`}</span></h3>
        <Checks checks={checks} />
      </section>
      <section>
        <h3 className="pb-1 font-semibold">Sources</h3>
        {data.sources.length > 0 ? <SourceList sources={data.sources} /> : (
          <p className="text-muted">{data.review?.tainted ? "Outside text went into this, but the proposal names no source: open the campaign's plan for the steps before it." : "No outside source was used."}</p>
        )}
      </section>
      <section>
        <h3 className="pb-1 font-semibold">From memory</h3>
        {data.memoryDegraded ? <p className="pb-1 text-wait">Memory answered less than it could: {data.memoryDegraded}</p> : null}
        {data.memories.length > 0 ? <MemoryList memories={data.memories} /> : <p className="text-muted">Nothing was recalled for this.</p>}
      </section>
      {data.remarks.length > 0 ? (
        <section>
          <h3 className="pb-1 font-semibold">Asked for before</h3>
          <ol className="grid list-decimal gap-1 pl-5">{data.remarks.map((r, i) => <li key={i} className="break-words whitespace-pre-wrap">{r}</li>)}</ol>
        </section>
      ) : null}
    </div>
  );
}
