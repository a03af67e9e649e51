"use client";
import { PostService, type Effect } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { lazy, Suspense, useState } from "react";
import { effectsInput, type EffectChoice } from "@/app/t/[tenant]/posts/params";
import { EffectRow } from "@/components/effect/effect-row";
import { Empty } from "@/components/panel/empty";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { MoreButton } from "@/components/panel/more-button";
import { usePages } from "@/lib/rpc/use-pages";

const ResolveDialog = lazy(() => import("@/components/effect/resolve-dialog"));

/** Every publication by how it went; those that read-back could not settle wait for a person's word. */
export function EffectList({ outcome }: { outcome: EffectChoice }) {
  const pages = usePages(PostService.method.listEffects, effectsInput(outcome));
  const effects = pages.data?.pages.flatMap((p) => p.effects) ?? [];
  const [settling, setSettling] = useState<Effect>();
  return (
    <>
      <Loaded query={pages} skeleton={<Skeletons rows={8} />}>
        {() => effects.length === 0 ? <Empty title={outcome === "all" ? "Nothing was sent yet" : "None"}>{outcome === "parked" || outcome === "unknown" ? "Every publication's outcome is known." : "Publications appear here from the moment they are prepared."}</Empty> : (
          <ul aria-label="Publications" className="divide-y divide-line">{effects.map((e) => <EffectRow key={e.id} effect={e} onSettle={setSettling} />)}</ul>
        )}
      </Loaded>
      <MoreButton pages={pages} />
      {settling ? <Suspense><ResolveDialog effect={settling} onClose={() => setSettling(undefined)} /></Suspense> : null}
    </>
  );
}
