"use client";
import { Suspense, useState, type ComponentType, type LazyExoticComponent, type ReactNode } from "react";

/** What stands in for a part that is not loaded yet: spread it into the button that opens the part. */
export type IntentProps = { onPointerEnter: () => void; onFocus: () => void; onClick: () => void };

/**
 * Loads a menu when the pointer or the focus comes near its button, and opens it when that is pressed, so that menus
 * weigh nothing until somebody wants one. The part brings the same button and opens itself.
 */
export function OnIntent({ part: Part, load, button }: { part: LazyExoticComponent<ComponentType>; load: () => unknown; button: (intent: IntentProps) => ReactNode }) {
  const [wanted, setWanted] = useState(false);
  const near = () => void load();
  const stand = button({ onPointerEnter: near, onFocus: near, onClick: () => setWanted(true) });
  return wanted ? <Suspense fallback={stand}><Part /></Suspense> : stand;
}
