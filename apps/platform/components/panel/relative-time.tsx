"use client";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { exactly, msOf, relative } from "@/lib/time/relative";
import { COARSE_MS, useNow } from "@/lib/time/use-now";

/** Nearer than this each second is told. Milliseconds. */
const NEAR_MS = 120_000;

/** "5m ago"; the exact time on hover, and in the first frame nothing, since the server does not know the viewer's zone. */
export function RelativeTime({ at, className }: { at: Timestamp | undefined; className?: string }) {
  const ms = msOf(at);
  const roughly = useNow(COARSE_MS);
  const near = ms !== undefined && Math.abs(ms - roughly) < NEAR_MS;
  const now = useNow(near ? 1_000 : COARSE_MS);
  if (ms === undefined) return <span className={className}>–</span>;
  return (
    <time dateTime={new Date(ms).toISOString()} title={now ? exactly(ms) : undefined} className={className}>
      {now ? relative(ms, now) : "…"}
    </time>
  );
}
