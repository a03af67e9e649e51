import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { PostService } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { PostPage } from "@/components/post/post-page";
import { one, Prefetched } from "@/lib/rpc/prefetch";
import { tenantOf } from "@/lib/url/tenant";

export const metadata: Metadata = { title: "Post" };

const schema = z.object({ post: z.uuid() });

export default async function PostDetailPage({ params }: { params: Promise<{ tenant: string; post: string }> }) {
  const tenant = await tenantOf(params);
  const parsed = schema.safeParse(await params);
  if (!parsed.success) notFound();
  const postId = parsed.data.post;
  return (
    <Prefetched tenant={tenant} queries={[
      one(PostService.method.getPost, { postId }),
    ]}>
      <PostPage postId={postId} />
    </Prefetched>
  );
}
