import type { Post } from "./payload";

/** A post with what its platform adds to it. */
export type PreviewProps = { post: Post; name: string; handle: string; labels: string[] };
