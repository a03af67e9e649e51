"use client";
import { DeadLetterService, DeadLetterState } from "@chimera/gen/chimera/platform/v1/dead_letter_service_pb";
import { useQuery } from "@connectrpc/connect-query";
import { ArrowLeft, RotateCcw, Trash2 } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { Id } from "@/components/panel/copy-button";
import { Loaded } from "@/components/panel/loaded";
import { Panel } from "@/components/panel/panel";
import { RelativeTime } from "@/components/panel/relative-time";
import { StateBadge } from "@/components/state/state-badge";
import { deadLetterStates } from "@/components/state/dead-letter";
import { Button } from "@/components/ui/button";
import { useTenantPath } from "@/lib/session/tenant";
import { bytes } from "./bytes";
import { CloseDialog, type Closing } from "./close-dialog";
import { Content } from "./content";

/** One letter with what it says, and what can be done with it while it is open. */
export function Letter({ letterId, onClose }: { letterId: string; onClose: () => void }) {
  const query = useQuery(DeadLetterService.method.getDeadLetter, { letterId });
  const [closing, setClosing] = useState<Closing>();
  const path = useTenantPath();
  return (
    <Panel title="Letter" aside={<Button size="sm" variant="ghost" onClick={onClose}><ArrowLeft aria-hidden />Back to the list</Button>}>
      <Loaded query={query}>
        {({ letter, ...rest }) => letter ? (
          <div className="grid gap-3 p-3">
            <div className="flex flex-wrap items-center gap-2"><StateBadge look={deadLetterStates[letter.state]} /><span className="text-muted">kept <RelativeTime at={letter.createdAt} />, {bytes(letter.sizeBytes)}</span></div>
            <p className="break-words"><strong className="font-medium">Why it is here:</strong> {letter.reason}</p>
            <dl className="grid grid-cols-[max-content_minmax(0,1fr)] items-center gap-x-3 gap-y-1">
              <dt className="text-muted">Queue</dt><dd>{letter.queue}</dd>
              <dt className="text-muted">Message</dt><dd><Id value={letter.messageId} label="message id" /></dd>
              {letter.taskId ? <><dt className="text-muted">Task</dt><dd><Id value={letter.taskId} label="task id" /></dd></> : null}
              {Object.entries(rest.metadata).filter(([, value]) => value !== "").map(([key, value]) => <div key={key} className="contents"><dt className="text-muted">{key}</dt><dd className="font-mono text-xs break-all">{value}</dd></div>)}
            </dl>
            <Content json={rest.contentJson} raw={rest.raw} size={letter.sizeBytes} />
            {letter.state === DeadLetterState.OPEN ? (
              <div className="flex flex-wrap items-center justify-end gap-2">
                {rest.contentJson ? null : <p className="min-w-40 flex-1 text-muted">It holds no message that could be replayed.</p>}
                <Button variant="danger" onClick={() => setClosing("discard")}><Trash2 aria-hidden />Discard…</Button>
                {rest.contentJson ? <Button variant="primary" onClick={() => setClosing("replay")}><RotateCcw aria-hidden />Replay…</Button> : null}
              </div>
            ) : <Link className="justify-self-start text-accent underline underline-offset-2" href={`${path("audit")}?object=${letter.id}`}>Who settled it, and why</Link>}
            {closing ? <CloseDialog letter={letter} kind={closing} onClose={() => setClosing(undefined)} /> : null}
          </div>
        ) : null}
      </Loaded>
    </Panel>
  );
}
