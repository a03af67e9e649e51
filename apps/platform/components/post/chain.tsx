"use client";
import type { Post, TimelineEntry } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { useState } from "react";
import { Empty } from "@/components/panel/empty";
import { Panel } from "@/components/panel/panel";
import { Button } from "@/components/ui/button";
import { Hop } from "./hop";
import { kindOf } from "./hop-kinds";
import { anchorOf } from "./hop-links";

/** Every hop in the order it happened. The minor ones (plans, tasks and their results) can be left out. */
export function Chain({ post, entries }: { post: Post; entries: readonly TimelineEntry[] }) {
  const [brief, setBrief] = useState(false);
  const anchors = new Set(entries.map(anchorOf));
  const shown = brief ? entries.filter((e) => !kindOf(e.stage).minor) : entries;
  return (
    <Panel
      title={<>How it came to be <span className="font-normal text-muted">{entries.length} hops</span></>}
      aside={<Button size="sm" aria-pressed={brief} onClick={() => setBrief(!brief)}>{brief ? "Show every hop" : "Only decisions and effects"}</Button>}
    >
      {entries.length === 0 ? <Empty title="No hop is recorded">The API answered no timeline for this post.</Empty> : (
        <ol className="grid grid-cols-[minmax(0,1fr)] p-3">
          {shown.map((entry, i) => <Hop key={`${entry.stage} ${entry.objectId} ${i}`} entry={entry} before={shown[i - 1]} last={i === shown.length - 1} post={post} kind={kindOf(entry.stage)} anchors={anchors} />)}
        </ol>
      )}
    </Panel>
  );
}
