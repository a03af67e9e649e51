"use client";
import { BellOff, Check, MessageSquareReply, Pencil, UserRound, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/small";

type Props = {
  ready: boolean;
  canWrite: boolean;
  canEdit: boolean;
  leaseMine: boolean;
  snoozed: boolean;
  onApprove: () => void;
  onEdit: () => void;
  onChanges: () => void;
  onReject: () => void;
  onSnooze: () => void;
  onLease: () => void;
};

/** The decisions, at the same place for every item: at the foot, in reach of a thumb. */
export function DecisionBar({ ready, canWrite, canEdit, leaseMine, snoozed, onApprove, onEdit, onChanges, onReject, onSnooze, onLease }: Props) {
  return (
    <div role="toolbar" aria-label="Decide" className="sticky bottom-0 z-10 flex flex-wrap gap-1.5 border-t border-line bg-surface p-2 max-sm:grid max-sm:grid-cols-6 max-sm:[&_button]:h-11 max-sm:[&_button]:px-1 sm:px-4">
      <Button variant="good" className="max-sm:col-span-3" disabled={!ready} onClick={onApprove}><Check />Approve <Key k="a" /></Button>
      <Button variant="danger" className="max-sm:order-2 max-sm:col-span-3" disabled={!canWrite} onClick={onReject}><X />Reject <Key k="r" /></Button>
      {canEdit ? <Button className="max-sm:order-3 max-sm:col-span-2" disabled={!canWrite} onClick={onEdit}><Pencil />Edit <Key k="e" /></Button> : null}
      <Button className="max-sm:order-3 max-sm:col-span-2" disabled={!canWrite} onClick={onChanges}><MessageSquareReply />Changes <Key k="c" /></Button>
      <Button className="max-sm:order-3 max-sm:col-span-2" disabled={!canWrite} onClick={onSnooze}><BellOff />{snoozed ? "Wake" : "Snooze"} <Key k="s" /></Button>
      <div className="flex-1 max-sm:hidden" />
      <Button variant="ghost" className="max-sm:hidden" disabled={!canWrite} onClick={onLease}><UserRound />{leaseMine ? "Give back" : "Take"} <Key k="l" /></Button>
    </div>
  );
}

function Key({ k }: { k: string }) {
  return <Kbd className="border-current/30 bg-transparent text-current max-md:hidden">{k}</Kbd>;
}
