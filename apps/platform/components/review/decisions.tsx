"use client";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { createConnectQueryKey, useMutation, useTransport } from "@connectrpc/connect-query";
import { ReviewService, type ApproveReviewRequestSchema, type Review } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { SystemService } from "@chimera/gen/chimera/platform/v1/system_service_pb";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { toast } from "sonner";
import { problemOf, type Problem } from "@/lib/rpc/errors";
import { UndoToast } from "./undo-toast";

/** How long an approval can be taken back: only then it is sent, and only then a grant is signed. Milliseconds. */
export const UNDO_MS = 5_000;

type Approval = MessageInitShape<typeof ApproveReviewRequestSchema>;
export type Decision = { phase: "waiting" | "sending" } | { phase: "failed"; problem: Problem };
type Batch = { id: string; approvals: Approval[]; timer: ReturnType<typeof setTimeout> };
type Decisions = {
  /** Approves after UNDO_MS; edited is the whole payload as JSON. */
  approve: (reviews: Review[], edited?: string) => void;
  undoLast: () => void;
  of: (reviewId: string) => Decision | undefined;
  clear: (reviewId: string) => void;
};

const Context = createContext<Decisions | undefined>(undefined);

/** Holds approvals for their undo time. It lives in the tenant's frame, so leaving the desk takes nothing back. */
export function DecisionsProvider({ children }: { children: ReactNode }) {
  const [decisions, setDecisions] = useState<ReadonlyMap<string, Decision>>(new Map());
  const batches = useRef<Batch[]>([]);
  const refresh = useRefreshReviews();
  const { mutateAsync } = useMutation(ReviewService.method.approveReview);

  const api = useMemo(() => {
    const set = (ids: string[], decision?: Decision) => setDecisions((old) => {
      const next = new Map(old);
      for (const id of ids) {
        if (decision) next.set(id, decision);
        else next.delete(id);
      }
      return next;
    });
    async function send(batch: Batch) {
      clearTimeout(batch.timer);
      batches.current = batches.current.filter((b) => b !== batch);
      toast.dismiss(batch.id);
      set(batch.approvals.map(idOf), { phase: "sending" });
      const failures = await Promise.all(batch.approvals.map(async (approval) => {
        try {
          await mutateAsync(approval);
          set([idOf(approval)]);
          return 0;
        } catch (error) {
          set([idOf(approval)], { phase: "failed", problem: problemOf(error) });
          return 1;
        }
      }));
      const failed = failures.filter(Boolean).length;
      if (failed > 0) toast.error(failed === 1 ? "An approval was not taken. The item says why." : `${failed} approvals were not taken. The items say why.`);
      else toast.success(batch.approvals.length === 1 ? "Approved. The grant is signed." : `${batch.approvals.length} approved. The grants are signed.`);
      refresh();
    }
    function undo(batch: Batch) {
      clearTimeout(batch.timer);
      batches.current = batches.current.filter((b) => b !== batch);
      toast.dismiss(batch.id);
      set(batch.approvals.map(idOf));
    }
    return {
      approve(reviews: Review[], edited?: string) {
        const approvals = reviews.map((r): Approval => ({
          reviewId: r.id, stateVersion: r.stateVersion, payloadSha256: r.payloadSha256, editedPayloadJson: edited ?? "", idempotencyKey: crypto.randomUUID(),
        }));
        const batch: Batch = { id: crypto.randomUUID(), approvals, timer: setTimeout(() => void send(batch), UNDO_MS) };
        batches.current.push(batch);
        set(approvals.map(idOf), { phase: "waiting" });
        const what = reviews.length === 1 ? (reviews[0]?.excerpt ?? "") : `${reviews.length} items`;
        toast.custom(() => <UndoToast what={what} edited={edited !== undefined} onUndo={() => undo(batch)} />, { id: batch.id, duration: Infinity });
      },
      undoLast() {
        const last = batches.current.at(-1);
        if (last) undo(last);
      },
      clear: (reviewId: string) => set([reviewId]),
      flush: () => batches.current.forEach((b) => void send(b)),
    };
  }, [mutateAsync, refresh]);

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

const idOf = (a: Approval) => a.reviewId ?? "";

export function useDecisions(): Decisions {
  const decisions = useContext(Context);
  if (!decisions) throw new Error("useDecisions is for components inside DecisionsProvider");
  return decisions;
}

/** Has every view of reviews, and the counts in the frame, read again. */
export function useRefreshReviews(): () => void {
  const client = useQueryClient();
  const transport = useTransport();
  return useMemo(() => () => {
    void client.invalidateQueries({ queryKey: createConnectQueryKey({ schema: ReviewService, transport, cardinality: undefined }) });
    void client.invalidateQueries({ queryKey: createConnectQueryKey({ schema: SystemService, transport, cardinality: undefined }) });
  }, [client, transport]);
}
