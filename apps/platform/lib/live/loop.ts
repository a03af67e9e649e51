import { Code, ConnectError } from "@connectrpc/connect";
import type { ChangeKind, WatchTenantResponse } from "@chimera/gen/chimera/platform/v1/event_service_pb";
import { pause, seen, whileSeen } from "./pause";
import type { LiveStore } from "./state";

export type Wires = {
  watch: (signal: AbortSignal) => AsyncIterable<WatchTenantResponse>;
  /** Asks for one cheap thing; throws when no answer comes. */
  ask: (signal: AbortSignal) => Promise<void>;
  changed: (kinds: readonly ChangeKind[]) => void;
  everything: () => Promise<void>;
};

/** How often everything is read again without a stream, and how rarely at most when no answers come. Milliseconds. */
const POLL_MS = 15_000;
const MAX_RETRY_MS = 30_000;
const FIRST_RETRY_MS = 1_000;
/** Until the server has said how often it sends heartbeats. Milliseconds. */
const SILENCE_MS = 30_000;
/** How many missed heartbeats make a stream dead: a laptop that slept holds a connection that nobody serves. */
const MISSED = 2;

/**
 * Keeps a tenant's pages fresh until the signal is given: by the stream, else by polling. It ends by itself only when
 * the session has.
 */
export async function keepLive(wires: Wires, store: LiveStore, signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    if (document.hidden) {
      store.report("paused", false);
      await seen(signal);
    }
    const look = whileSeen(signal);
    const outcome = await stream(wires, store, look);
    const hidden = look.signal.aborted;
    look.abort();
    if (signal.aborted || hidden) continue;
    if (outcome === "ended") return store.report("ended", false);
    if (outcome === "over") {
      // As agreed after at most 15 minutes, or the server stops: the next one is asked for at once.
      failures = 0;
      continue;
    }
    failures = outcome === "broke" ? 1 : failures + 1;
    if (await poll(wires, store, signal, failures) === "ended") return store.report("ended", false);
  }
}

/** "broke" after it had been live, "failed" when it never was. */
async function stream(wires: Wires, store: LiveStore, look: AbortController): Promise<"over" | "broke" | "failed" | "ended"> {
  let silence = SILENCE_MS;
  let live = false;
  const own = new AbortController();
  const stop = () => own.abort();
  let watchdog = setTimeout(stop, silence);
  const heard = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(stop, silence);
    store.report("live", true);
  };
  look.signal.addEventListener("abort", stop, { once: true });
  if (look.signal.aborted) stop();
  try {
    for await (const { event } of wires.watch(own.signal)) {
      if (event.case === "hello") {
        const every = Number(event.value.interval?.seconds ?? 0) * 1000;
        if (every > 0) silence = every * MISSED;
        live = true;
        void wires.everything();
      }
      heard();
      if (event.case === "changed") wires.changed(event.value.kinds);
    }
    return live ? "over" : "failed";
  } catch (error) {
    if (ConnectError.from(error).code === Code.Unauthenticated) return "ended";
    return live ? "broke" : "failed";
  } finally {
    clearTimeout(watchdog);
    look.signal.removeEventListener("abort", stop);
  }
}

/** Reads everything again now, then waits its turn; the stream is tried again after it. */
async function poll(wires: Wires, store: LiveStore, signal: AbortSignal, failures: number): Promise<"ended" | undefined> {
  try {
    await wires.ask(signal);
    store.report("polling", true);
    void wires.everything();
    // The first break is most often a restart: no need to wait a whole turn for the stream.
    await pause(failures === 1 ? FIRST_RETRY_MS : POLL_MS, signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    if (ConnectError.from(error).code === Code.Unauthenticated) return "ended";
    store.report("lost", false);
    await pause(jittered(Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), MAX_RETRY_MS)), signal);
  }
  return undefined;
}

/** So that all tabs of a team do not come back in the same instant. */
const jittered = (ms: number) => ms * (0.75 + Math.random() / 2);
