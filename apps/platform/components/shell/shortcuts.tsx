"use client";
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";

export type Shortcut = {
  /** One key ("j", "?", "ArrowDown") or two in a row ("g r"). */
  keys: string;
  label: string;
  run: () => void;
};
type Group = { title: string; read: () => readonly Shortcut[] };
type Registry = { add: (group: Group) => () => void; groups: () => readonly Group[]; enabled: boolean; setEnabled: (on: boolean) => void };

const Context = createContext<Registry | undefined>(undefined);
/** The second key of a sequence must follow within this. Milliseconds. */
const SEQUENCE_MS = 900;
const OFF = "chimera-shortcuts-off";

/** Single keys act anywhere outside text and dialogs; people who dictate or mistype can switch them off (WCAG 2.1.4). */
export function ShortcutsProvider({ children }: { children: ReactNode }) {
  const groups = useRef<Group[]>([]);
  const [enabled, set] = useState(() => typeof window === "undefined" || localStorage.getItem(OFF) === null);
  const registry = useMemo<Registry>(() => ({
    add: (group) => {
      groups.current.push(group);
      return () => void (groups.current = groups.current.filter((g) => g !== group));
    },
    groups: () => groups.current,
    enabled,
    setEnabled: (on) => {
      if (on) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
      set(on);
    },
  }), [enabled]);

  useEffect(() => {
    if (!enabled) return;
    let before = { key: "", at: 0 };
    function press(event: KeyboardEvent) {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isBusy(event)) return;
      const sequence = event.timeStamp - before.at < SEQUENCE_MS ? `${before.key} ${event.key}` : "";
      before = { key: event.key, at: event.timeStamp };
      // The newest group first: a page's keys go before the frame's.
      const all = groups.current.toReversed().flatMap((g) => g.read());
      const found = all.find((s) => s.keys === sequence) ?? all.find((s) => s.keys === event.key);
      if (!found) return;
      event.preventDefault();
      before = { key: "", at: 0 };
      found.run();
    }
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [enabled]);

  return <Context value={registry}>{children}</Context>;
}

function isBusy(event: KeyboardEvent): boolean {
  const target = event.target;
  if (target instanceof HTMLElement && (target.isContentEditable || target.closest("input:not([type=checkbox],[type=radio]), textarea, select"))) return true;
  return document.querySelector('[role="dialog"][data-state="open"], [role="menu"][data-state="open"]') !== null;
}

export function useShortcutRegistry(): Registry {
  const registry = useContext(Context);
  if (!registry) throw new Error("shortcuts are for components inside the shell");
  return registry;
}

/** Makes keys work while the component is shown, and lists them in the keyboard help. */
export function useShortcuts(title: string, shortcuts: readonly Shortcut[]) {
  const { add } = useShortcutRegistry();
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => add({ title, read: () => latest.current }), [add, title]);
}
