"use client";
import { Bookmark, Globe, Lock, MoreHorizontal, Repeat2, Reply, Star, Users } from "lucide-react";
import { useState } from "react";
import { MediaGrid } from "./media-grid";
import type { PreviewProps } from "./preview-props";
import { RichText } from "./rich-text";

const audiences = { public: Globe, unlisted: Globe, private: Users, direct: Lock } as const;

/** A post as Mastodon's own web client shows it; with a content warning it is folded, as readers meet it. */
export function MastodonPost({ post, name, handle, labels }: PreviewProps) {
  const [open, setOpen] = useState(false);
  const Audience = audiences[(post.visibility || "public") as keyof typeof audiences] ?? Globe;
  const folded = Boolean(post.content_warning) && !open;
  const quiet = "text-[light-dark(#54516b,#a9a6c2)]";
  return (
    <article className="border border-[light-dark(#d9d9e8,#313543)] bg-[light-dark(#fff,#1b1b26)] p-4 font-[system-ui] text-[15px] leading-[22px] text-[light-dark(#1b1a26,#fff)]" aria-label="As it will look on Mastodon">
      <div className="flex items-center gap-2.5">
        <div aria-hidden className="grid size-11.5 shrink-0 place-items-center rounded-lg bg-[#6364ff] font-semibold text-white">{name.slice(0, 1)}</div>
        <div className="min-w-0 flex-1 leading-5">
          <p className="truncate font-semibold">{name}</p>
          <p className={`truncate ${quiet}`}>@{handle.replace(/^@/, "")}</p>
        </div>
        <p className={`flex items-center gap-1 text-sm ${quiet}`}><Audience className="size-3.5" aria-label={post.visibility || "public"} /> now</p>
      </div>
      {post.content_warning ? (
        <div className="mt-2.5 rounded-lg border border-[light-dark(#cfa800,#8a7a2e)] bg-[light-dark(#fff8dc,#2b2813)] p-3">
          <p>{post.content_warning}</p>
          <button type="button" className="mt-1 font-semibold text-[light-dark(#563acc,#a5a5ff)]" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? "Hide post" : "Show anyway"}</button>
        </div>
      ) : null}
      {folded ? null : (
        <>
          <p className="mt-2.5 break-words whitespace-pre-wrap"><RichText text={post.text} linkClass="text-[light-dark(#563acc,#a5a5ff)]" /></p>
          <MediaGrid media={post.media ?? []} className="mt-3 rounded-lg" />
        </>
      )}
      {labels.length > 0 ? <p className={`mt-2 text-sm ${quiet}`}>{labels.join(" · ")}</p> : null}
      <div aria-hidden className={`mt-3 flex max-w-md justify-between ${quiet} [&_svg]:size-4.5`}><Reply /><Repeat2 /><Star /><Bookmark /><MoreHorizontal /></div>
    </article>
  );
}
