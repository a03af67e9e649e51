import type { ReactNode } from "react";

export type Toast = { id: string; kind: "success" | "error" | "custom"; content: ReactNode };

/** How long words stay; an error is read more slowly. Milliseconds. */
const STAY_MS = { success: 4_000, error: 9_000 };
/** More would cover the page. */
const MOST = 4;

let shown: readonly Toast[] = [];
const listeners = new Set<() => void>();
const timers = new Map<string, ReturnType<typeof setTimeout>>();

function show(next: readonly Toast[]) {
  shown = next;
  for (const listener of listeners) listener();
}

function dismiss(id: string) {
  clearTimeout(timers.get(id));
  timers.delete(id);
  show(shown.filter((t) => t.id !== id));
}

function add(t: Toast, stayMs?: number) {
  show([...shown.filter((old) => old.id !== t.id), t].slice(-MOST));
  if (stayMs !== undefined) timers.set(t.id, setTimeout(() => dismiss(t.id), stayMs));
}

/** Short words about what has just happened. They never hold the only way to do something. */
export const toast = {
  success: (words: string) => add({ id: crypto.randomUUID(), kind: "success", content: words }, STAY_MS.success),
  error: (words: string, more?: { description?: string | undefined }) =>
    add({ id: crypto.randomUUID(), kind: "error", content: more?.description ? `${words} ${more.description}` : words }, STAY_MS.error),
  /** Stays until it is dismissed by its id. */
  custom: (content: ReactNode, id: string) => add({ id, kind: "custom", content }),
  dismiss,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  snapshot: () => shown,
};
