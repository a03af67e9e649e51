"use client";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/small";

export function UndoToast({ what, edited, onUndo }: { what: string; edited: boolean; onUndo: () => void }) {
  return (
    <div className="relative flex w-[min(22rem,calc(100vw-2rem))] items-center gap-3 overflow-hidden rounded-lg border border-line bg-raised px-3 py-2.5 shadow-raised">
      <div className="min-w-0 flex-1">
        <p className="font-semibold">{edited ? "Approving your edit…" : "Approving…"}</p>
        <p className="truncate text-xs text-muted">{what}</p>
      </div>
      <Button size="sm" onClick={onUndo}>Undo <Kbd>z</Kbd></Button>
      <span aria-hidden className="absolute inset-x-0 bottom-0 h-0.5 origin-left animate-[drain_5s_linear_forwards] bg-accent" />
    </div>
  );
}
