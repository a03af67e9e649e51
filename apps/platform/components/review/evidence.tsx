import type { GetReviewResponse } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { Check, CircleAlert, ExternalLink, TriangleAlert, X } from "lucide-react";
import { Badge } from "@/components/ui/small";

/** What the decision can lean on: checks, sources with their taint, and what reviewers said before. */
export function Evidence({ data }: { data: GetReviewResponse }) {
  const checks = data.review?.checks ?? [];
  const open = checks.filter((c) => !c.passed);
  const passed = checks.filter((c) => c.passed);
  return (
    <div className="grid gap-4">
      <section>
        <h3 className="pb-1 font-semibold">Checks <span className="font-normal text-muted">{passed.length} of {checks.length} passed</span></h3>
        {checks.length === 0 ? <p className="text-muted">The judge recorded no checks for this item.</p> : null}
        <ul className="divide-y divide-line">{open.map((c) => <CheckRow key={c.name + c.rule} check={c} />)}</ul>
        {passed.length > 0 ? (
          <details>
            <summary className="py-1 text-muted hover:text-text">Passed: {[...new Set(passed.map((c) => c.name))].join(", ")}</summary>
            <ul className="divide-y divide-line">{passed.map((c, i) => <CheckRow key={i} check={c} />)}</ul>
          </details>
        ) : null}
      </section>
      <section>
        <h3 className="pb-1 font-semibold">Sources</h3>
        {data.sources.length === 0 ? <p className="text-muted">{data.review?.tainted ? "Outside text went into this, but the proposal names no source: open the campaign's plan for the steps before it." : "No outside source was used."}</p> : (
          <ul className="grid gap-1">
            {data.sources.map((s, i) => (
              <li key={i} className="flex items-start gap-2">
                <SourceLink url={s.url} title={s.title} />
                {s.tainted ? <Badge tone="wait"><TriangleAlert />outside text</Badge> : <Badge>own</Badge>}
              </li>
            ))}
          </ul>
        )}
      </section>
      {data.remarks.length > 0 ? (
        <section>
          <h3 className="pb-1 font-semibold">Asked for before</h3>
          <ol className="grid list-decimal gap-1 pl-5">{data.remarks.map((r, i) => <li key={i} className="whitespace-pre-wrap">{r}</li>)}</ol>
        </section>
      ) : null}
    </div>
  );
}

type CheckOf = NonNullable<GetReviewResponse["review"]>["checks"][number];

function CheckRow({ check }: { check: CheckOf }) {
  const Icon = check.passed ? Check : check.escalates ? CircleAlert : X;
  return (
    <li className="flex gap-2 py-1.5">
      <Icon className={check.passed ? "mt-0.5 size-4 shrink-0 text-ok" : check.escalates ? "mt-0.5 size-4 shrink-0 text-wait" : "mt-0.5 size-4 shrink-0 text-bad"} aria-label={check.passed ? "passed" : check.escalates ? "asks for a person" : "failed"} />
      <div className="min-w-0 flex-1">
        <p><span className="font-medium">{check.name}</span> <span className="text-muted">{check.message || check.rule}</span></p>
        {check.threshold || check.value ? <p className="text-xs break-words text-muted">{check.value ? <>found <span className="text-text">{check.value}</span></> : null}{check.threshold ? <> · asked for <span className="text-text">{check.threshold}</span></> : null}</p> : null}
      </div>
    </li>
  );
}

/** Addresses come from outside: only http and https become links. */
function SourceLink({ url, title }: { url: string; title: string }) {
  const words = title || url;
  if (!/^https?:\/\//.test(url)) return <span className="min-w-0 flex-1 break-words">{words}</span>;
  return <a href={url} target="_blank" rel="noreferrer noopener" className="inline-flex min-w-0 flex-1 items-start gap-1 text-accent underline-offset-2 hover:underline"><span className="break-words">{words}</span><ExternalLink className="mt-1 size-3 shrink-0" aria-label="opens in a new tab" /></a>;
}
