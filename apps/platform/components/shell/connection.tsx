"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Code, ConnectError } from "@connectrpc/connect";
import { useSyncExternalStore } from "react";
import { Tooltip } from "@/components/ui/tooltip";
import { Dot, type Tone } from "@/components/ui/small";
import { relative } from "@/lib/time/relative";
import { useNow } from "@/lib/time/use-now";

/** Without a fresh answer for this long, what is shown may be old. Milliseconds. */
const STALE_MS = 45_000;
const LOST: ReadonlySet<Code> = new Set([Code.Unavailable, Code.Unknown, Code.DeadlineExceeded, Code.Unauthenticated]);

/** Whether what is on the screen is current: read off the queries that poll anyway. */
export function Connection() {
  const { fresh, lost } = useFreshness();
  const online = useSyncExternalStore(subscribeOnline, () => navigator.onLine, () => true);
  const now = useNow();
  const age = now && fresh ? now - fresh : 0;
  const { tone, label }: { tone: Tone; label: string } = !online
    ? { tone: "bad", label: "Offline" }
    : lost ? { tone: "bad", label: "Reconnecting" }
    : age > STALE_MS ? { tone: "wait", label: "Not current" }
    : { tone: "ok", label: "Live" };
  const text = now && fresh ? `Updated ${relative(fresh, now)}. ${tone === "ok" ? "Refreshes every few seconds." : "It is tried again by itself; your work here is kept."}` : "Connecting";
  return (
    <Tooltip content={text}>
      <button type="button" className="inline-flex h-8 items-center gap-1.5 rounded-md px-2 text-xs text-muted hover:bg-hover" aria-label={`Connection: ${label}. ${text}`}>
        <Dot tone={tone} />
        <span className={tone === "ok" ? "max-md:hidden" : undefined} role={tone === "ok" ? undefined : "status"}>{label}</span>
      </button>
    </Tooltip>
  );
}

function subscribeOnline(listener: () => void) {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

/** When the newest answer came, and whether the latest attempt failed for want of a connection. */
function useFreshness(): { fresh: number; lost: boolean } {
  const cache = useQueryClient().getQueryCache();
  const packed = useSyncExternalStore(
    (listener) => cache.subscribe(listener),
    () => {
      let fresh = 0;
      let failed = 0;
      for (const { state } of cache.getAll()) {
        fresh = Math.max(fresh, state.dataUpdatedAt);
        const error = state.error ?? state.fetchFailureReason;
        if (error && LOST.has(ConnectError.from(error).code)) failed = Math.max(failed, state.errorUpdatedAt || Date.now());
      }
      // One number, since a snapshot must be equal while nothing changed: negative means lost.
      return failed > fresh || (failed && fresh < failed) ? -fresh : fresh;
    },
    () => 0,
  );
  return { fresh: Math.abs(packed), lost: packed < 0 || Object.is(packed, -0) };
}
