"use client";
import { useSyncExternalStore } from "react";
import { CopyButton } from "@/components/panel/copy-button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Badge, type Tone } from "@/components/ui/small";
import { requestLog, type LoggedRequest } from "@/lib/rpc/request-log";
import { exactly } from "@/lib/time/relative";

const none: readonly LoggedRequest[] = [];
const tones: Record<LoggedRequest["outcome"], Tone> = { pending: "active", done: "ok", failed: "bad" };

/** What was done in this tab with its request ids, so that support can find it (R14.4). */
export default function RecentActions({ onOpenChange }: { onOpenChange: (open: boolean) => void }) {
  const entries = useSyncExternalStore(requestLog.subscribe, requestLog.snapshot, () => none);
  return (
    <Dialog open onOpenChange={onOpenChange}>
      <DialogContent title="Recent actions" description="What you did in this tab. Give support the request id of the one you mean.">
        {entries.length === 0 ? <p className="py-6 text-center text-muted">Nothing yet: looking around is not recorded, only changes are.</p> : (
          <ul className="divide-y divide-line">
            {entries.map((e) => (
              <li key={e.id} className="flex flex-wrap items-center gap-x-3 py-2">
                <Badge tone={tones[e.outcome]}>{e.outcome}</Badge>
                <span className="font-medium">{e.method}</span>
                <span className="text-muted">{exactly(e.at)}</span>
                <CopyButton value={e.id} label="request id"><span className="font-mono text-xs break-all">{e.id}</span></CopyButton>
              </li>
            ))}
          </ul>
        )}
      </DialogContent>
    </Dialog>
  );
}
