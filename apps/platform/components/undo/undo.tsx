"use client";
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { toast } from "@/components/toast/toast";
import { problemOf, type Problem } from "@/lib/rpc/errors";
import { UndoToast } from "./undo-toast";

/** How long a decision can be taken back: only then it is sent, and only then a grant is signed. Milliseconds. */
export const UNDO_MS = 5_000;

export type Decision = { phase: "waiting" | "sending" } | { phase: "failed"; problem: Problem };

/** One press: what is decided, and how each part of it is sent. */
export type Act = {
  /** By the id of what it decides. */
  sends: ReadonlyMap<string, () => Promise<unknown>>;
  words: { doing: string; done: string; what: string };
  /** After all of it was answered, well or not. */
  settled: () => void;
};
type Batch = { id: string; act: Act; timer: ReturnType<typeof setTimeout> };
type Undo = {
  later: (act: Act) => void;
  undoLast: () => void;
  of: (id: string) => Decision | undefined;
  clear: (id: string) => void;
};

const Context = createContext<Undo | undefined>(undefined);

/** Holds decisions for their undo time. It lives in the tenant's frame, so leaving the page takes nothing back. */
export function UndoProvider({ children }: { children: ReactNode }) {
  const [decisions, setDecisions] = useState<ReadonlyMap<string, Decision>>(new Map());
  const batches = useRef<Batch[]>([]);

  const api = useMemo(() => {
    const set = (ids: Iterable<string>, decision?: Decision) => setDecisions((old) => {
      const next = new Map(old);
      for (const id of ids) {
        if (decision) next.set(id, decision);
        else next.delete(id);
      }
      return next;
    });
    const take = (batch: Batch) => {
      clearTimeout(batch.timer);
      batches.current = batches.current.filter((b) => b !== batch);
      toast.dismiss(batch.id);
    };
    async function send(batch: Batch) {
      take(batch);
      const { sends, words, settled } = batch.act;
      set(sends.keys(), { phase: "sending" });
      const answers = await Promise.all([...sends].map(async ([id, call]) => {
        try {
          await call();
          set([id]);
          return true;
        } catch (error) {
          set([id], { phase: "failed", problem: problemOf(error) });
          return false;
        }
      }));
      const failed = answers.filter((ok) => !ok).length;
      if (failed > 0) toast.error(failed === 1 ? "A decision was not taken. The item says why." : `${failed} decisions were not taken. The items say why.`);
      else toast.success(words.done);
      settled();
    }
    function undo(batch: Batch) {
      take(batch);
      set(batch.act.sends.keys());
    }
    return {
      later(act: Act) {
        const batch: Batch = { id: crypto.randomUUID(), act, timer: setTimeout(() => void send(batch), UNDO_MS) };
        batches.current.push(batch);
        set(act.sends.keys(), { phase: "waiting" });
        toast.custom(<UndoToast words={act.words} onUndo={() => undo(batch)} />, batch.id);
      },
      undoLast() {
        const last = batches.current.at(-1);
        if (last) undo(last);
      },
      clear: (id: string) => set([id]),
      flush: () => batches.current.forEach((b) => void send(b)),
    };
  }, []);

  const { flush } = api;
  // Another tenant is chosen: what was decided here still counts, and goes out with this tenant's transport.
  useEffect(() => () => flush(), [flush]);
  useEffect(() => {
    // A closed tab sends nothing, so the person is told before it closes.
    const warn = (event: BeforeUnloadEvent) => batches.current.length > 0 && event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, []);

  const value = useMemo(() => ({ ...api, of: (id: string) => decisions.get(id) }), [api, decisions]);
  return <Context value={value}>{children}</Context>;
}

export function useUndo(): Undo {
  const undo = useContext(Context);
  if (!undo) throw new Error("useUndo is for components inside UndoProvider");
  return undo;
}
