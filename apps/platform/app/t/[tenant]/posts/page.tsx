import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { AccountService } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import { CampaignService } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { PostService } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { PostsPanel } from "@/components/post/posts-panel";
import { one, paged, Prefetched } from "@/lib/rpc/prefetch";
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
      one(AccountService.method.listAccounts, { pageSize: 200 }),
      one(CampaignService.method.listCampaigns, { pageSize: 200 }),
    ]}>
      <PostsPanel />
    </Prefetched>
  );
}
