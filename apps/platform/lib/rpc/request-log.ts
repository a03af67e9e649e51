import { REQUEST_ID_PATTERN } from "./headers";

export type LoggedRequest = { id: string; method: string; at: number; outcome: "pending" | "done" | "failed" };

/** Enough for "what did I just do", in this tab only. Polling reads are left out: they are not a person's actions. */
const KEEP = 40;
const READS = /^(Get|List|Verify)/;

let entries: readonly LoggedRequest[] = [];
const listeners = new Set<() => void>();

function put(next: readonly LoggedRequest[]) {
  entries = next;
  for (const listener of listeners) listener();
}

/** The ids of what the person did in this tab, for support (R14.4). It holds no content. */
export const requestLog = {
  begin(id: string, method: string): (ok: boolean) => void {
    if (READS.test(method) || !REQUEST_ID_PATTERN.test(id)) return () => {};
    put([{ id, method, at: Date.now(), outcome: "pending" as const }, ...entries].slice(0, KEEP));
    return (ok) => put(entries.map((e) => (e.id === id ? { ...e, outcome: ok ? "done" : "failed" } : e)));
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  snapshot: () => entries,
};
