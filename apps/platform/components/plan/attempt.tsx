import type { TaskAttempt } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { TriangleAlert } from "lucide-react";
import { moneyOf } from "@/components/campaign/money";
import { CopyButton } from "@/components/panel/copy-button";
import { RelativeTime } from "@/components/panel/relative-time";
import { Badge } from "@/components/ui/small";
import { ErrorLine } from "./error-line";
import { Json } from "./json";
import { SourceList } from "./source-list";

/** One attempt's answer with where it comes from. The last one is open: it is the one that counts. */
export function Attempt({ attempt, last }: { attempt: TaskAttempt; last: boolean }) {
  return (
    <details open={last} className="rounded-md border border-line bg-raised">
      <summary className="px-3 py-2">
        <span className="font-medium">Attempt {attempt.attempt}</span> <span className="text-muted">{attempt.status.replaceAll("_", " ")}, <RelativeTime at={attempt.finishedAt} /></span>
        {attempt.tainted ? <> <Badge tone="wait"><TriangleAlert />outside text</Badge></> : null}
      </summary>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3 border-t border-line p-3">
        {attempt.error ? <ErrorLine error={attempt.error} /> : null}
        <Json json={attempt.outputJson} label="output" empty="It answered nothing." />
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5 text-xs">
          <Fact word="Confidence">{attempt.confidence.toFixed(2)}{attempt.confidenceBasis ? <span className="text-muted"> {attempt.confidenceBasis}</span> : null}</Fact>
          {attempt.method ? <Fact word="Method">{attempt.method}</Fact> : null}
          {attempt.model ? <Fact word="Model">{attempt.model}</Fact> : null}
          {attempt.prompt ? <Fact word="Prompt">{attempt.prompt}</Fact> : null}
          <Fact word="Took">{Number(attempt.durationMs).toLocaleString("en")} ms, cost {moneyOf(attempt.costMicros)}</Fact>
          {attempt.toolDigest ? <Fact word="Tool digest"><CopyButton value={attempt.toolDigest} label="tool digest" className="-ml-1"><span className="font-mono">{attempt.toolDigest.slice(0, 19)}…</span></CopyButton></Fact> : null}
          {attempt.workerId ? <Fact word="Worker">{attempt.workerId}</Fact> : null}
          {attempt.degraded.length > 0 ? <Fact word="Without">{attempt.degraded.join("; ")}</Fact> : null}
        </dl>
        <SourceList sources={attempt.sources} />
      </div>
    </details>
  );
}

function Fact({ word, children }: { word: string; children: React.ReactNode }) {
  return <><dt className="text-muted">{word}</dt><dd className="min-w-0 break-words">{children}</dd></>;
}
