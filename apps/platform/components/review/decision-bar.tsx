"use client";
import { Check, MessageSquareReply, Pencil, UserRound, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/small";

type Props = {
  ready: boolean;
  canWrite: boolean;
  canEdit: boolean;
  leaseMine: boolean;
  onApprove: () => void;
  onEdit: () => void;
  onChanges: () => void;
  onReject: () => void;
  onLease: () => void;
};

/** The decisions, at the same place for every item: at the foot, in reach of a thumb. */
export function DecisionBar({ ready, canWrite, canEdit, leaseMine, onApprove, onEdit, onChanges, onReject, onLease }: Props) {
  return (
    <div role="toolbar" aria-label="Decide" className="sticky bottom-0 z-10 flex gap-1.5 border-t border-line bg-surface p-2 max-sm:grid max-sm:grid-cols-2 max-sm:[&_button]:h-11 sm:px-4">
      <Button variant="good" disabled={!ready} onClick={onApprove}><Check />Approve <Key k="a" /></Button>
      {canEdit ? <Button disabled={!canWrite} onClick={onEdit}><Pencil />Edit <Key k="e" /></Button> : null}
      <Button disabled={!canWrite} onClick={onChanges}><MessageSquareReply />Request changes <Key k="c" /></Button>
      <Button variant="danger" disabled={!canWrite} onClick={onReject}><X />Reject <Key k="r" /></Button>
      <div className="flex-1 max-sm:hidden" />
      <Button variant="ghost" className="max-sm:hidden" disabled={!canWrite} onClick={onLease}><UserRound />{leaseMine ? "Give back" : "Take"} <Key k="l" /></Button>
    </div>
  );
}

function Key({ k }: { k: string }) {
  return <Kbd className="border-current/30 bg-transparent text-current max-md:hidden">{k}</Kbd>;
}
