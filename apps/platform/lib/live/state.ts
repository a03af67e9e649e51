export type Phase =
  /** Before the first answer. */
  | "connecting"
  /** Changes are told as they happen. */
  | "live"
  /** No stream, but answers come: everything shown is read again every so often. */
  | "polling"
  /** No answers: what is shown is as old as `fresh`. */
  | "lost"
  /** The session has ended; only signing in again helps. */
  | "ended"
  /** The tab is hidden; it is read again when it is looked at. */
  | "paused";

export type LiveState = {
  phase: Phase;
  /** When this phase began. Milliseconds since the epoch; 0 on the server. */
  since: number;
  /** When the server last answered or told anything. */
  fresh: number;
};

export const connecting: LiveState = { phase: "connecting", since: 0, fresh: 0 };

/** One value that the loop writes and the frame reads. */
export function liveStore() {
  let state = connecting;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** Moves on; `heard` says that the server has just answered. */
    report(phase: Phase, heard: boolean) {
      const now = Date.now();
      if (phase === state.phase && !heard) return;
      state = { phase, since: phase === state.phase ? state.since : now, fresh: heard ? now : state.fresh };
      // Not at once: an answer may come while React renders, and no component may be updated from another's render.
      queueMicrotask(() => listeners.forEach((l) => l()));
    },
  };
}
export type LiveStore = ReturnType<typeof liveStore>;
