import type { TaskSource } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { ExternalLink, TriangleAlert } from "lucide-react";
import { Badge } from "@/components/ui/small";

export function SourceList({ sources }: { sources: readonly TaskSource[] }) {
  if (sources.length === 0) return null;
  return (
      <ul className="grid gap-1">
        {sources.map((s, i) => (
          <li key={i} className="flex items-start gap-2">
            <SourceLink url={s.url} words={s.title || s.url} />
            {s.tainted ? <Badge tone="wait"><TriangleAlert />outside text</Badge> : <Badge>own</Badge>}
          </li>
        ))}
      </ul>
  );
}

/** Addresses come from outside: only http and https become links. */
export function SourceLink({ url, words }: { url: string; words: string }) {
  if (!/^https?:\/\//.test(url)) return <span className="min-w-0 flex-1 break-words">{words}</span>;
  return (
    <a href={url} target="_blank" rel="noreferrer noopener" className="inline-flex min-w-0 flex-1 items-start gap-1 text-accent underline-offset-2 hover:underline">
      <span className="min-w-0 wrap-anywhere">{words}</span><ExternalLink className="mt-1 size-3 shrink-0" aria-label="opens in a new tab" />
    </a>
  );
}
