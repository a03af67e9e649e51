"use client";
import type { AuditEntry } from "@chimera/gen/chimera/platform/v1/audit_service_pb";
import type { AuditFilter } from "@/app/t/[tenant]/audit/params";
import { Id } from "@/components/panel/copy-button";
import { RelativeTime } from "@/components/panel/relative-time";
import { Button } from "@/components/ui/button";
import { detailOf, objectName, verbOf, wordsOf } from "./sentences";

type Props = { entry: AuditEntry; onFilter: (next: Partial<AuditFilter>) => void };

/** One sentence; opened, everything the chain holds of it. */
export function Entry({ entry, onFilter }: Props) {
  const words = wordsOf(entry);
  return (
    <li>
      <details className="group">
        <summary className="grid cursor-default gap-x-3 gap-y-0.5 px-3 py-2 hover:bg-hover sm:grid-cols-[6rem_minmax(0,1fr)_auto]">
          <RelativeTime at={entry.at} className="text-muted" />
          <span className="min-w-0 break-words">
            <strong className="font-medium">{entry.actor}</strong> {verbOf(entry.action)} <span className="font-medium">{objectName(entry.objectType)}</span>{" "}
            {entry.objectId !== entry.objectType ? <span className="font-mono text-xs text-muted" title={entry.objectId}>{shortly(entry.objectId)}</span> : null}
            {words ? <span className="text-muted"> “{words}”</span> : null}
          </span>
          <span className="text-xs text-muted">#{entry.seq.toString()}</span>
        </summary>
        <div className="grid gap-2 bg-sunken px-3 py-3 sm:pl-[7.5rem]">
          <dl className="grid grid-cols-[max-content_minmax(0,1fr)] items-center gap-x-3 gap-y-1">
            <dt className="text-muted">Action</dt><dd className="font-mono text-xs">{entry.action}</dd>
            <dt className="text-muted">Object</dt><dd><Id value={entry.objectId} label="object id" /></dd>
            {entry.requestId ? <><dt className="text-muted">Request</dt><dd><Id value={entry.requestId} label="request id" /></dd></> : null}
            <dt className="text-muted">Hash</dt><dd><Id value={entry.hash} label="hash" /></dd>
          </dl>
          <div className="flex flex-wrap gap-1.5">
            <Button size="sm" onClick={() => onFilter({ action: entry.action, object: null, request: null })}>All of this action</Button>
            <Button size="sm" onClick={() => onFilter({ action: null, object: entry.objectId, request: null })}>All of this object</Button>
            {entry.requestId ? <Button size="sm" onClick={() => onFilter({ action: null, object: null, request: entry.requestId })}>All of this request</Button> : null}
          </div>
          <Detail entry={entry} />
        </div>
      </details>
    </li>
  );
}

function Detail({ entry }: { entry: AuditEntry }) {
  const detail = detailOf(entry);
  if (!detail || Object.keys(detail).length === 0) return null;
  // Focusable, since what scrolls must be reachable without a mouse.
  return <pre tabIndex={0} aria-label="Detail" className="scroll-thin max-h-72 overflow-auto rounded-md border border-line bg-surface p-2 font-mono text-xs break-words whitespace-pre-wrap">{JSON.stringify(detail, null, 2)}</pre>;
}

const shortly = (id: string) => (id.length > 13 ? `…${id.slice(-8)}` : id);
