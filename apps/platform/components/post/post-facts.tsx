"use client";
import type { Effect, Post } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import type { ReactNode } from "react";
import { CopyButton, Id } from "@/components/panel/copy-button";
import { Panel } from "@/components/panel/panel";
import { RelativeTime } from "@/components/panel/relative-time";
import { SourceLink } from "@/components/evidence/source-list";
import { StateBadge } from "@/components/state/state-badge";
import { effectStates } from "@/components/state/states";

/** The chain's ends in short: who approved which bytes, and what the platform made of them. */
export function PostFacts({ post, effect }: { post: Post; effect: Effect | undefined }) {
  const m = post.metrics;
  return (
    <Panel title="Evidence in short">
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 p-3">
        <Fact word="Approved by">{post.approvedBy || "the judge, by policy"}</Fact>
        <Fact word="Words">{post.edited ? "edited by hand before approval" : "as drafted"}{post.method ? `, made by ${post.method}` : ""}</Fact>
        <Fact word="Content hash"><Hash value={post.payloadSha256} /></Fact>
        {effect ? (
          <>
            <Fact word="Sent hash">
              <span className="flex flex-wrap items-center gap-x-2"><Hash value={effect.payloadSha256} /><StateBadge look={effect.payloadSha256 === post.payloadSha256 ? { label: "the same", tone: "ok" } : { label: "another", tone: "bad" }} /></span>
            </Fact>
            <Fact word="Publication"><span className="flex flex-wrap items-center gap-x-2"><StateBadge look={effectStates[effect.state]} />{effect.settledAt ? <span className="text-muted">settled <RelativeTime at={effect.settledAt} /></span> : null}</span>{effect.note ? <p>{effect.note}</p> : null}</Fact>
            <Fact word="Platform key"><Id value={effect.platformKey} label="platform key" /></Fact>
          </>
        ) : null}
        <Fact word="Platform id"><Id value={post.remoteId} label="platform id" /></Fact>
        {post.url ? <Fact word="Address"><span className="flex"><SourceLink url={post.url} words={post.url} /></span></Fact> : null}
        <Fact word="Read back">{post.readBackAt ? <><RelativeTime at={post.readBackAt} />: {post.readBackMatches ? "the platform shows what was approved" : <strong className="text-bad">the platform shows something else</strong>}</> : "not yet"}</Fact>
        <Fact word="Metrics">{m?.collectedAt ? <>{m.likes.toLocaleString("en")} likes, {m.reposts.toLocaleString("en")} reposts, {m.replies.toLocaleString("en")} replies <span className="text-muted"><RelativeTime at={m.collectedAt} /></span></> : "not yet"}</Fact>
      </dl>
    </Panel>
  );
}

function Fact({ word, children }: { word: string; children: ReactNode }) {
  return <><dt className="text-muted">{word}</dt><dd className="min-w-0 break-words">{children}</dd></>;
}

function Hash({ value }: { value: string }) {
  if (!value) return <>–</>;
  return <CopyButton value={value} label="hash" className="-ml-1"><span className="font-mono text-xs" title={value}>{value.slice(0, 16)}…</span></CopyButton>;
}
