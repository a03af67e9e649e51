"use client";
import { useShortcuts } from "@/components/shell/shortcuts";

export type ItemActs = { approve: () => void; edit: () => void; changes: () => void; reject: () => void; snooze: () => void; lease: () => void; undo: () => void };

/** One key each, for as long as the item is in hand. */
export function useItemKeys(acts: ItemActs, { allowed, editing, leaseMine, snoozed }: { allowed: boolean; editing: boolean; leaseMine: boolean; snoozed: boolean }) {
  useShortcuts("This item", allowed ? [
    { keys: "a", label: editing ? "Approve (the edit has its own button)" : "Approve", run: acts.approve },
    { keys: "e", label: "Edit, then approve", run: acts.edit },
    { keys: "c", label: "Request changes", run: acts.changes },
    { keys: "r", label: "Reject", run: acts.reject },
    { keys: "s", label: snoozed ? "Wake" : "Snooze", run: acts.snooze },
    { keys: "l", label: leaseMine ? "Give back" : "Take", run: acts.lease },
    { keys: "z", label: "Undo the last approval", run: acts.undo },
  ] : []);
}
