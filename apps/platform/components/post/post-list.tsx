"use client";
import { PostService, type Post } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import Link from "next/link";
import { postsInput, type PostsFilter } from "@/app/t/[tenant]/posts/params";
import { Empty } from "@/components/panel/empty";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { MoreButton } from "@/components/panel/more-button";
import { RelativeTime } from "@/components/panel/relative-time";
import { Button } from "@/components/ui/button";
import { platformName } from "@/components/state/platform";
import { Badge } from "@/components/ui/small";
import { usePages } from "@/lib/rpc/use-pages";
import { useTenantPath } from "@/lib/session/tenant";
import { ReadBackBadge } from "./read-back-badge";

export function PostList({ filter, onClear }: { filter: PostsFilter; onClear: () => void }) {
  const pages = usePages(PostService.method.listPosts, postsInput(filter));
  const posts = pages.data?.pages.flatMap((p) => p.posts) ?? [];
  return (
    <>
      <Loaded query={pages} skeleton={<Skeletons rows={8} />}>
        {() => posts.length === 0 ? <NoPosts filtered={Boolean(filter.campaign ?? filter.account)} onClear={onClear} /> : (
          <ul aria-label="Posts" className="divide-y divide-line">{posts.map((p) => <PostRow key={p.id} post={p} />)}</ul>
        )}
      </Loaded>
      <MoreButton pages={pages} />
    </>
  );
}

function PostRow({ post }: { post: Post }) {
  const path = useTenantPath();
  const m = post.metrics;
  return (
    <li className="relative grid gap-x-4 gap-y-1 px-3 py-2.5 hover:bg-hover lg:grid-cols-[minmax(0,1fr)_auto] lg:items-center">
      <div className="min-w-0">
        <p className="text-xs text-muted"><span className="font-medium text-text">{post.agentName || post.accountHandle || "Agent"}</span>{post.agentName && post.accountHandle ? ` as ${post.accountHandle}` : ""} on {platformName(post.platform)}, <RelativeTime at={post.publishedAt} />{post.campaignName ? ` · ${post.campaignName}` : ""}</p>
        <Link href={path(`posts/${post.id}`)} className="line-clamp-2 break-words after:absolute after:inset-0">{post.text || "No text: open it for its content."}</Link>
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
        {m?.collectedAt ? <span>{m.likes.toLocaleString("en")} likes · {m.reposts.toLocaleString("en")} reposts · {m.replies.toLocaleString("en")} replies</span> : <span>not measured yet</span>}
        {post.edited ? <Badge>edited by hand</Badge> : null}
        <ReadBackBadge post={post} />
      </div>
    </li>
  );
}

function NoPosts({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const path = useTenantPath();
  if (filtered) return <Empty title="Nothing matches" action={<Button onClick={onClear}>Clear the filters</Button>}>No post passes these filters.</Empty>;
  return <Empty title="Nothing is published yet" action={<Button asChild><Link href={path("reviews")}>Open the review desk</Link></Button>}>A post appears here once its platform has confirmed it.</Empty>;
}
