"use client";
import { EffectState, PostService, type Effect } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { useQueryStates } from "nuqs";
import { lazy, Suspense, useState } from "react";
import { effectChoices, effectsInput, effectStatesOf, systemParams, type EffectChoice } from "@/app/t/[tenant]/system/params";
import { EffectRow } from "@/components/effect/effect-row";
import { Empty } from "@/components/panel/empty";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { MoreButton } from "@/components/panel/more-button";
import { Panel } from "@/components/panel/panel";
import { usePages } from "@/lib/rpc/use-pages";
import { Choices } from "./choices";

const ResolveDialog = lazy(() => import("@/components/effect/resolve-dialog"));

const words: Record<EffectChoice, string> = { open: "Open", sending: "Sending", failed: "Failed" };

const nothing: Partial<Record<EffectState, string>> = {
  [EffectState.PARKED]: "No outcome waits for a person's word.",
  [EffectState.UNKNOWN]: "No outcome is being read back from a platform.",
  [EffectState.SENDING]: "Nothing is on its way to a platform now.",
  [EffectState.FAILED]: "No outward action has failed.",
};

/** Outward actions by state; those with an unknown outcome are settled here by a person's word. */
export function Effects() {
  const [url, setUrl] = useQueryStates(systemParams);
  const [settling, setSettling] = useState<Effect>();
  return (
    <Panel title="Outward actions" aside={<Choices label="Outward actions" choices={effectChoices} words={words} value={url.effects} onChange={(effects) => void setUrl({ effects })} />}>
      <div className="divide-y divide-line">
        {effectStatesOf[url.effects].map((state) => <EffectList key={state} state={state} onSettle={setSettling} />)}
      </div>
      {settling ? <Suspense><ResolveDialog effect={settling} onClose={() => setSettling(undefined)} /></Suspense> : null}
    </Panel>
  );
}

function EffectList({ state, onSettle }: { state: EffectState; onSettle: (effect: Effect) => void }) {
  const pages = usePages(PostService.method.listEffects, effectsInput(state));
  return (
    <div>
      <Loaded query={pages} skeleton={<Skeletons rows={2} />}>
        {(data) => {
          const effects = data.pages.flatMap((p) => p.effects);
          if (effects.length === 0) return state === EffectState.PARKED || state === EffectState.UNKNOWN ? <p className="px-3 py-2.5 text-muted">{nothing[state]}</p> : <Empty title="None">{nothing[state]}</Empty>;
          return <ul className="divide-y divide-line">{effects.map((e) => <EffectRow key={e.id} effect={e} onSettle={onSettle} />)}</ul>;
        }}
      </Loaded>
      <MoreButton pages={pages} />
    </div>
  );
}
