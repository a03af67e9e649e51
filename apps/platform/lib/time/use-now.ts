"use client";
import { useCallback, useSyncExternalStore } from "react";

// One clock for the page, so that all relative times step together and one timer runs, not hundreds.
let now = 0;
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const l of listeners) l();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
      now = 0;
    }
  };
}

/** Enough for what is minutes away: a list of hundreds is not drawn anew each second. Milliseconds. */
export const COARSE_MS = 20_000;

/**
 * Milliseconds since the epoch, in steps of stepMs; 0 on the server and in the first frame, which must match it.
 */
export function useNow(stepMs = 1_000): number {
  const read = useCallback(() => {
    now ||= Date.now();
    return stepMs > 1_000 ? now - (now % stepMs) : now;
  }, [stepMs]);
  return useSyncExternalStore(subscribe, read, () => 0);
}
