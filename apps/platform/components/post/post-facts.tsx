"use client";
import type { GetPostResponse, Post } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import type { ReactNode } from "react";
import { moneyOf } from "@/lib/money";
import { SourceLink } from "@/components/evidence/source-list";
import { CopyButton, Id } from "@/components/panel/copy-button";
import { Panel } from "@/components/panel/panel";
import { RelativeTime } from "@/components/panel/relative-time";
import { StateBadge } from "@/components/state/state-badge";
import { effectStates } from "@/components/state/effect";

/** The chain's ends in short: who approved which bytes, under which grant, and what the platform made of them. */
export function PostFacts({ data, post }: { data: GetPostResponse; post: Post }) {
  const { effect, grant } = data;
  const m = post.metrics;
  return (
    <Panel title="Evidence in short">
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 p-3">
        <Fact word="Approved by">{post.approvedByName || post.approvedBy || "the judge, by policy"}</Fact>
        <Fact word="Words">{post.edited ? "edited by hand before approval" : "as drafted"}{post.method ? `, made by ${post.method}` : ""}</Fact>
        <Fact word="Approved hash"><Hash value={post.payloadSha256} /></Fact>
        {grant ? (
          <>
            <Fact word="Granted hash"><Same value={grant.payloadSha256} to={post.payloadSha256} /></Fact>
            <Fact word="Grant"><span className="flex flex-wrap items-center gap-x-2"><Id value={grant.id} label="grant id" /><span className="text-muted">signed <RelativeTime at={grant.signedAt} /> with key <span className="font-mono text-xs">{grant.keyId}</span></span></span></Fact>
            <Fact word="Redeemed">{grant.redeemedAt ? <RelativeTime at={grant.redeemedAt} /> : "never"}<span className="text-muted"> · valid until <RelativeTime at={grant.expiresAt} /></span></Fact>
          </>
        ) : null}
        {effect ? (
          <>
            <Fact word="Sent hash"><Same value={effect.payloadSha256} to={post.payloadSha256} /></Fact>
            <Fact word="Publication"><span className="flex flex-wrap items-center gap-x-2"><StateBadge look={effectStates[effect.state]} />{effect.settledAt ? <span className="text-muted">settled <RelativeTime at={effect.settledAt} /></span> : null}</span>{effect.note ? <p>{effect.note}</p> : null}</Fact>
            <Fact word="Platform key"><Id value={effect.platformKey} label="platform key" /></Fact>
          </>
        ) : null}
        <Fact word="Platform id"><Id value={post.remoteId} label="platform id" /></Fact>
        {post.url ? <Fact word="Address"><span className="flex"><SourceLink url={post.url} words={post.url} /></span></Fact> : null}
        <Fact word="Read back">{post.readBackAt ? <><RelativeTime at={post.readBackAt} />: {post.readBackMatches ? "the platform shows what was approved" : <strong className="text-bad">the platform shows something else</strong>}</> : "not yet"}</Fact>
        <Fact word="Metrics">{m?.collectedAt ? <>{m.likes.toLocaleString("en")} likes, {m.reposts.toLocaleString("en")} reposts, {m.replies.toLocaleString("en")} replies <span className="text-muted"><RelativeTime at={m.collectedAt} /></span></> : "not yet"}</Fact>
        <Fact word="Cost">{moneyOf(data.totalCostMicros)} <span className="text-muted">over all attempts of all its steps</span></Fact>
      </dl>
    </Panel>
  );
}

function Fact({ word, children }: { word: string; children: ReactNode }) {
  return <><dt className="text-muted">{word}</dt><dd className="min-w-0 break-words">{children}</dd></>;
}

function Same({ value, to }: { value: string; to: string }) {
  return <span className="flex flex-wrap items-center gap-x-2"><Hash value={value} /><StateBadge look={value === to ? { label: "the same", tone: "ok" } : { label: "another", tone: "bad" }} /></span>;
}

function Hash({ value }: { value: string }) {
  if (!value) return <>–</>;
  return <CopyButton value={value} label="hash" className="-ml-1"><span className="font-mono text-xs" title={value}>{value.slice(0, 16)}…</span></CopyButton>;
}
