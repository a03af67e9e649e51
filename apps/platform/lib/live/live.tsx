"use client";
import { createClient } from "@connectrpc/connect";
import { useTransport } from "@connectrpc/connect-query";
import { EventService } from "@chimera/gen/chimera/platform/v1/event_service_pb";
import { SystemService } from "@chimera/gen/chimera/platform/v1/system_service_pb";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { freshener } from "./freshen";
import { keepLive } from "./loop";
import { connecting, liveStore, type LiveState, type LiveStore } from "./state";

type Live = { store: LiveStore; retry: () => void };
const Context = createContext<Live | undefined>(undefined);

/** How long to wait for the one answer that tells whether the server is there. Milliseconds. */
const ASK_MS = 5_000;

/** One stream per tab, for the tenant of this frame; panels read again what it says has changed and do not poll. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const transport = useTransport();
  const [store] = useState(liveStore);
  const [run, setRun] = useState(0);
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const events = createClient(EventService, transport);
    const system = createClient(SystemService, transport);
    const fresh = freshener(client);
    void keepLive({
      // Streams know no deadline; a silent one is told by its missing heartbeats.
      watch: (stop) => events.watchTenant({}, { signal: stop, timeoutMs: 0 }),
      ask: async (stop) => void (await system.getSystemStatus({}, { signal: stop, timeoutMs: ASK_MS })),
      changed: fresh.changed,
      everything: fresh.everything,
    }, store, signal);
    // The network is back: what waited for its turn goes at once.
    const again = () => setRun((n) => n + 1);
    window.addEventListener("online", again);
    return () => {
      window.removeEventListener("online", again);
      ending.abort();
    };
  }, [client, transport, store, run]);
  return <Context value={{ store, retry: () => setRun((n) => n + 1) }}>{children}</Context>;
}

const useContextOf = () => {
  const live = useContext(Context);
  if (!live) throw new Error("useLive is for components inside the tenant's frame");
  return live;
};

/** Whether what is on the screen is current, and since when. */
export function useLive(): LiveState & { retry: () => void } {
  const { store, retry } = useContextOf();
  const state = useSyncExternalStore(store.subscribe, store.get, () => connecting);
  return { ...state, retry };
}
