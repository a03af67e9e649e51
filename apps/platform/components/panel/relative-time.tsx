"use client";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { exactly, msOf, relative } from "@/lib/time/relative";
import { useNow } from "@/lib/time/use-now";

/** "5m ago"; the exact time on hover, and in the first frame nothing, since the server does not know the viewer's zone. */
export function RelativeTime({ at, className }: { at: Timestamp | undefined; className?: string }) {
  const now = useNow();
  const ms = msOf(at);
  if (ms === undefined) return <span className={className}>–</span>;
  return (
    <time dateTime={new Date(ms).toISOString()} title={now ? exactly(ms) : undefined} className={className}>
      {now ? relative(ms, now) : "…"}
    </time>
  );
}
