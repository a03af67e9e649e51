"use client";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/small";
import type { Act } from "./undo";

/** The bar drains in UNDO_MS; with reduced motion the words alone say that it can be undone. */
export function UndoToast({ words, onUndo }: { words: Act["words"]; onUndo: () => void }) {
  return (
    <div className="relative flex items-center gap-3 overflow-hidden rounded-lg border border-line bg-raised px-3 py-2.5 shadow-raised">
      <div className="min-w-0 flex-1">
        <p className="font-semibold">{words.doing}</p>
        <p className="truncate text-xs text-muted">{words.what}</p>
      </div>
      <Button size="sm" className="max-sm:h-11 max-sm:px-4" onClick={onUndo}>Undo <Kbd className="max-sm:hidden">z</Kbd></Button>
      <span aria-hidden className="absolute inset-x-0 bottom-0 h-0.5 origin-left animate-[drain_5s_linear_forwards] bg-accent motion-reduce:hidden" />
    </div>
  );
}
