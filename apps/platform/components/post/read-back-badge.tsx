import type { Post } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { StateBadge } from "@/components/state/state-badge";

/** Whether the platform shows what was approved. */
export function ReadBackBadge({ post }: { post: Post }) {
  if (!post.readBackAt) return <StateBadge look={{ label: "not read back yet", tone: "active" }} />;
  return <StateBadge look={post.readBackMatches ? { label: "as approved", tone: "ok" } : { label: "differs from what was approved", tone: "bad" }} />;
}
