/** Waits; ends at once, without an error, when the signal is given. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}

/** A hidden tab keeps its stream this long, so that a glance elsewhere costs no reconnect. Milliseconds. */
const HIDDEN_GRACE_MS = 20_000;

/** Is given once the tab has been hidden for a while, or the outer signal is given. */
export function whileSeen(outer: AbortSignal): AbortController {
  const own = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => own.abort(), HIDDEN_GRACE_MS);
  };
  const stop = () => own.abort();
  own.signal.addEventListener("abort", () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
    outer.removeEventListener("abort", stop);
  }, { once: true });
  document.addEventListener("visibilitychange", look);
  outer.addEventListener("abort", stop, { once: true });
  if (outer.aborted) own.abort();
  else look();
  return own;
}

/** Resolves when the tab is looked at, or the signal is given. */
export function seen(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      signal.removeEventListener("abort", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look);
    look();
  });
}
