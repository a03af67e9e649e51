"use client";
import { PostService, type GetPostResponse, type Post } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { useQuery } from "@connectrpc/connect-query";
import { ExternalLink } from "lucide-react";
import Link from "next/link";
import { Id } from "@/components/panel/copy-button";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { Page } from "@/components/panel/page";
import { Panel } from "@/components/panel/panel";
import { RelativeTime } from "@/components/panel/relative-time";
import { Json } from "@/components/panel/json";
import { PostPreview } from "@/components/post-preview/post-preview";
import { postOf } from "@/components/post-preview/payload";
import { platformName } from "@/components/state/platform";
import { Button } from "@/components/ui/button";
import { useTenantPath } from "@/lib/session/tenant";
import { Chain } from "./chain";
import { PostFacts } from "./post-facts";
import { ReadBackBadge } from "./read-back-badge";

export function PostPage({ postId }: { postId: string }) {
  const query = useQuery(PostService.method.getPost, { postId });
  if (!query.data) return <Page title="Post"><Panel><Loaded query={query} skeleton={<Skeletons />}>{() => null}</Loaded></Panel></Page>;
  return query.data.post ? <Detail data={query.data} post={query.data.post} /> : null;
}

/** One post with all that led to it, goal to metrics, on one permalink (R10.6). */
function Detail({ data, post }: { data: GetPostResponse; post: Post }) {
  const path = useTenantPath();
  const content = postOf(post.payloadJson);
  const platform = platformName(post.platform);
  return (
    <Page
      title={<span className="flex flex-wrap items-center gap-2"><span className="break-words">{post.agentName || "Post"} <span className="font-normal text-muted">on</span> {platform}{post.accountHandle ? <span className="font-normal text-muted"> as {post.accountHandle}</span> : null}</span> <ReadBackBadge post={post} /></span>}
      facts={
        <span className="flex flex-wrap items-center gap-x-3 [&_a]:inline-flex [&_a]:min-h-6 [&_a]:items-center">
          <Link href={path(`campaigns/${post.campaignId}`)} className="text-accent underline-offset-2 hover:underline">{post.campaignName || "Campaign"}</Link>
          {post.agentId ? <Link href={path(`agents/${post.agentId}`)} className="text-accent underline-offset-2 hover:underline">{post.agentName || "Agent"}</Link> : null}
          <span>published <RelativeTime at={post.publishedAt} /></span>
          <Id value={post.id} label="post id" />
        </span>
      }
      actions={/^https?:\/\//.test(post.url) ? <Button asChild variant="primary"><a href={post.url} target="_blank" rel="noreferrer noopener">See it on {platform}<ExternalLink aria-label="opens in a new tab" /></a></Button> : undefined}
    >
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(20rem,28rem)_minmax(0,1fr)]">
        <div className="grid grid-cols-[minmax(0,1fr)] gap-4 lg:sticky lg:top-4">
          <Panel title="As published">
            <div className="grid grid-cols-[minmax(0,1fr)] gap-3 p-3">
              {content ? <PostPreview post={content} name={post.agentName || post.accountHandle || "?"} handle={post.accountHandle} labels={content.self_labels ?? []} /> : <p className="break-words whitespace-pre-wrap">{post.text}</p>}
              <details>
                <summary className="text-muted hover:text-text">The exact content that was approved</summary>
                <div className="pt-2"><Json json={post.payloadJson} label="content" empty="The API holds no content for this post." /></div>
              </details>
            </div>
          </Panel>
          <PostFacts data={data} post={post} />
        </div>
        <Chain post={post} entries={data.timeline} />
      </div>
    </Page>
  );
}
