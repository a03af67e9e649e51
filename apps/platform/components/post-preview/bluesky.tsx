import { Heart, MessageSquare, MoreHorizontal, Repeat2, Share } from "lucide-react";
import type { PreviewProps } from "./preview-props";
import { MediaGrid } from "./media-grid";
import { RichText } from "./rich-text";

/** A post as Bluesky's own client shows it in the feed. */
export function BlueskyPost({ post, name, handle, labels }: PreviewProps) {
  return (
    <article className="flex gap-2.5 border border-[light-dark(#d4dbe2,#2e4052)] bg-[light-dark(#fff,#161e27)] p-3 font-[system-ui] text-[15px] leading-5 text-[light-dark(#0b0f14,#f1f3f5)]" aria-label="As it will look on Bluesky">
      <div aria-hidden className="grid size-10.5 shrink-0 place-items-center rounded-full bg-[#0560ff] font-semibold text-white">{name.slice(0, 1)}</div>
      <div className="min-w-0 flex-1">
        <p className="flex items-baseline gap-1">
          <span className="truncate font-semibold">{name}</span>
          <span className="min-w-0 truncate text-[light-dark(#42576c,#aebbc9)]">@{handle.replace(/^@/, "")}</span>
          <span className="shrink-0 text-[light-dark(#42576c,#aebbc9)]">· now</span>
        </p>
        {labels.length > 0 ? (
          <ul className="flex flex-wrap gap-1 py-1">
            {labels.map((l) => <li key={l} className="rounded-sm bg-[light-dark(#eff2f6,#1e2936)] px-1.5 text-xs leading-5 text-[light-dark(#42576c,#aebbc9)]">{l}</li>)}
          </ul>
        ) : null}
        <p className="break-words whitespace-pre-wrap"><RichText text={post.text} linkClass="text-[light-dark(#0560d6,#55a2ff)]" /></p>
        <MediaGrid media={post.media ?? []} className="mt-2 rounded-xl border border-[light-dark(#d4dbe2,#2e4052)]" />
        <div aria-hidden className="mt-2.5 flex max-w-md justify-between text-[light-dark(#6f869f,#8798b0)] [&_svg]:size-4.5">
          <MessageSquare /><Repeat2 /><Heart /><Share /><MoreHorizontal />
        </div>
      </div>
    </article>
  );
}
