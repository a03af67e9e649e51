import type { TaskAttempt, ToolCall } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { TriangleAlert } from "lucide-react";
import { moneyOf } from "@/lib/money";
import { CopyButton } from "@/components/panel/copy-button";
import { RequestId } from "@/components/panel/problem-notice";
import { RelativeTime } from "@/components/panel/relative-time";
import { Badge } from "@/components/ui/small";
import { lasted } from "@/lib/time/relative";
import { ErrorLine } from "./error-line";
import { Json } from "@/components/panel/json";
import { SourceList } from "@/components/evidence/source-list";

/** One attempt's answer with where it comes from. The last one is open: it is the one that counts. */
export function Attempt({ attempt, last }: { attempt: TaskAttempt; last: boolean }) {
  const tokens = Number(attempt.inputTokens + attempt.outputTokens);
  return (
    <details open={last} className="rounded-md border border-line bg-raised">
      <summary className="px-3 py-2">
        <span className="font-medium">Attempt {attempt.attempt}</span> <span className="text-muted">{attempt.status.replaceAll("_", " ")} after {lasted(Number(attempt.durationMs))}, <RelativeTime at={attempt.finishedAt} /></span>
        {attempt.tainted ? <> <Badge tone="wait"><TriangleAlert />outside text</Badge></> : null}
      </summary>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3 border-t border-line p-3">
        {attempt.error ? <ErrorLine error={attempt.error} /> : null}
        <Json json={attempt.outputJson} label="output" empty="It answered nothing." />
        <ToolCalls calls={callsOf(attempt)} />
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5 text-xs">
          <Fact word="Confidence">{attempt.confidence.toFixed(2)}{attempt.confidenceBasis ? <span className="text-muted"> {attempt.confidenceBasis}</span> : null}</Fact>
          {attempt.method ? <Fact word="Method">{attempt.method}</Fact> : null}
          {attempt.model ? <Fact word="Model">{attempt.model}{tokens > 0 ? <span className="text-muted"> {Number(attempt.inputTokens).toLocaleString("en")} tokens in, {Number(attempt.outputTokens).toLocaleString("en")} out</span> : null}</Fact> : null}
          {attempt.prompt ? <Fact word="Prompt">{attempt.prompt}</Fact> : null}
          {attempt.startedAt ? <Fact word="Began"><RelativeTime at={attempt.startedAt} /></Fact> : null}
          <Fact word="Cost">{moneyOf(attempt.costMicros)}</Fact>
          {attempt.workerId ? <Fact word="Worker">{attempt.workerId}</Fact> : null}
          {attempt.degraded.length > 0 ? <Fact word="Without">{attempt.degraded.join("; ")}</Fact> : null}
        </dl>
        {attempt.requestId ? <div className="-ml-1"><RequestId id={attempt.requestId} /></div> : null}
        {attempt.sources.length > 0 ? <div><p className="pb-0.5 text-xs font-medium">Sources</p><SourceList sources={attempt.sources} /></div> : null}
      </div>
    </details>
  );
}

type Call = Pick<ToolCall, "tool" | "version" | "digest">;

/** Older results name their tool's digest alone. */
const callsOf = (a: TaskAttempt): Call[] => (a.toolCalls.length > 0 ? a.toolCalls : a.toolDigest ? [{ tool: "", version: "", digest: a.toolDigest }] : []);

function ToolCalls({ calls }: { calls: Call[] }) {
  if (calls.length === 0) return null;
  return (
    <div>
      <p className="pb-0.5 text-xs font-medium">Tool calls</p>
      <ul className="grid gap-0.5 text-xs">
        {calls.map((c, i) => (
          <li key={i} className="flex flex-wrap items-center gap-x-2">
            {c.tool ? <span className="font-mono">{c.tool}</span> : null}
            {c.version ? <span className="text-muted">{c.version}</span> : null}
            {c.digest ? <CopyButton value={c.digest} label="tool digest" className="-ml-1"><span className="font-mono text-muted">digest {c.digest.slice(0, 12)}…</span></CopyButton> : null}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Fact({ word, children }: { word: string; children: React.ReactNode }) {
  return <><dt className="text-muted">{word}</dt><dd className="min-w-0 break-words">{children}</dd></>;
}
