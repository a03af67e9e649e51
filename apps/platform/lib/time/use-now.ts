"use client";
import { useSyncExternalStore } from "react";

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

/** Milliseconds since the epoch, stepping each second; 0 on the server and in the first frame, which must match it. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => (now ||= Date.now()), () => 0);
}
