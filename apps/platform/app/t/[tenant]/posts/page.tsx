import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { PostService } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { PostsPanel } from "@/components/post/posts-panel";
import { paged, Prefetched } from "@/lib/rpc/prefetch";
import { tenantOf } from "@/lib/url/tenant";
import { effectsInput, loadPostsParams, postsInput } from "./params";

export const metadata: Metadata = { title: "Posts" };

type Props = { params: Promise<{ tenant: string }>; searchParams: Promise<SearchParams> };

export default async function PostsPage({ params, searchParams }: Props) {
  const tenant = await tenantOf(params);
  const url = await loadPostsParams(searchParams);
  return (
    <Prefetched tenant={tenant} queries={[
      url.outcome ? paged(PostService.method.listEffects, effectsInput(url.outcome)) : paged(PostService.method.listPosts, postsInput(url)),
    ]}>
      <PostsPanel />
    </Prefetched>
  );
}
