import { BlueskyPost } from "./bluesky";
import { MastodonPost } from "./mastodon";
import type { PreviewProps } from "./preview-props";

/** The post exactly as readers will meet it, by platform; another platform's post is shown as its plain words. */
export function PostPreview(props: PreviewProps) {
  switch (props.post.platform) {
    case "bluesky": return <BlueskyPost {...props} />;
    case "mastodon": return <MastodonPost {...props} />;
    default: return <p className="rounded-md border border-line bg-raised p-3 whitespace-pre-wrap">{props.post.text}</p>;
  }
}
