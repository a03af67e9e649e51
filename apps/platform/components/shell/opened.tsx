"use client";
import { createContext, lazy, Suspense, useContext, useMemo, useState, type ReactNode } from "react";

export type Part = "palette" | "help" | "stop" | "nav" | "recent";
type Opened = { open: (part: Part) => void };

const Context = createContext<Opened | undefined>(undefined);

// Each is fetched when it is first opened: none of them is needed to read a page.
const parts = {
  palette: lazy(() => import("./command-palette")),
  help: lazy(() => import("./keyboard-help")),
  stop: lazy(() => import("./stop-dialog")),
  nav: lazy(() => import("./nav-sheet")),
  recent: lazy(() => import("./recent-actions")),
};

/** The frame's dialogs, one at a time. */
export function OpenedProvider({ children }: { children: ReactNode }) {
  const [part, setPart] = useState<Part>();
  const opened = useMemo(() => ({ open: setPart }), []);
  const Shown = part && parts[part];
  return (
    <Context value={opened}>
      {children}
      {Shown ? <Suspense><Shown onOpenChange={(open) => !open && setPart(undefined)} /></Suspense> : null}
    </Context>
  );
}

export function useOpened(): Opened {
  const opened = useContext(Context);
  if (!opened) throw new Error("useOpened is for components inside the shell");
  return opened;
}
