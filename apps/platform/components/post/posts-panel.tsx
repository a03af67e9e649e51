"use client";
import { useQueryStates } from "nuqs";
import { postsParams } from "@/app/t/[tenant]/posts/params";
import { Page } from "@/components/panel/page";
import { Panel } from "@/components/panel/panel";
import { Button } from "@/components/ui/button";
import { EffectList } from "./effect-list";
import { PostFilters } from "./post-filters";
import { PostList } from "./post-list";

/** Published posts, or every publication by its outcome. */
export function PostsPanel() {
  const [url, setUrl] = useQueryStates(postsParams);
  const views = [
    { label: "Published", on: url.outcome === null, to: { outcome: null } },
    { label: "By outcome", on: url.outcome !== null, to: { outcome: "all", campaign: null, account: null } },
  ] as const;
  return (
    <Page title="Posts" facts="What was published, and how each publication went. Newest first.">
      <Panel>
        <div className="flex flex-wrap items-center gap-2 border-b border-line p-2">
          <div role="group" aria-label="What is shown" className="flex gap-1">
            {views.map((v) => <Button key={v.label} variant={v.on ? "plain" : "ghost"} aria-pressed={v.on} className={v.on ? "bg-selected" : ""} onClick={() => void setUrl(v.to)}>{v.label}</Button>)}
          </div>
          <PostFilters filter={url} onChange={(next) => void setUrl(next)} />
        </div>
        {url.outcome ? <EffectList outcome={url.outcome} /> : <PostList filter={url} onClear={() => void setUrl(null)} />}
      </Panel>
    </Page>
  );
}
