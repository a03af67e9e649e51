"use client";
import type { AuditEntry } from "@chimera/gen/chimera/platform/v1/audit_service_pb";
import Link from "next/link";
import type { AuditFilter } from "@/app/t/[tenant]/audit/params";
import { Id } from "@/components/panel/copy-button";
import { RequestId } from "@/components/panel/problem-notice";
import { RelativeTime } from "@/components/panel/relative-time";
import { Json } from "@/components/panel/json";
import { nodeName } from "@/components/plan/layout";
import { Button } from "@/components/ui/button";
import { useTenantPath } from "@/lib/session/tenant";
import { actorWords } from "./actors";
import { Pips } from "./pips";
import { detailOf, objectName, pageOf, verbOf, wordsOf } from "./sentences";

type Props = { entry: AuditEntry; onFilter: (next: Partial<AuditFilter>) => void };

/** One sentence; opened, everything the chain holds of it. */
export function Entry({ entry, onFilter }: Props) {
  const path = useTenantPath();
  const words = wordsOf(entry);
  const page = pageOf(entry);
  return (
    <li>
      <details className="group">
        <summary className="grid cursor-default gap-x-3 gap-y-0.5 px-3 py-2 hover:bg-hover sm:grid-cols-[5rem_minmax(0,1fr)_auto] md:grid-cols-[5rem_minmax(0,1fr)_9.5rem_4rem]">
          <RelativeTime at={entry.at} className="text-muted" />
          <span className="min-w-0 break-words">
            <strong className="font-medium" title={entry.actor}>{actorWords(entry.actor, entry.actorName)}</strong> {verbOf(entry.action)} <span className="text-muted">{objectName(entry.objectType)}</span>{" "}
            {entry.objectName ? <span className="font-medium">{entry.objectType === "task" ? nodeName(entry.objectName).step : entry.objectName}</span> : entry.objectId !== entry.objectType ? <span className="font-mono text-xs text-muted" title={entry.objectId}>{shortly(entry.objectId)}</span> : null}
            {words ? <span className="line-clamp-2 text-muted">“{words}”</span> : null}
            {entry.allowedBecause ? <span className="line-clamp-2 text-xs text-muted">Allowed: {entry.allowedBecause}</span> : null}
          </span>
          <Pips entry={entry} />
          <span className="text-right text-xs text-muted max-md:hidden">#{entry.seq.toString()}</span>
        </summary>
        <div className="grid gap-3 bg-sunken px-3 py-3 sm:pl-[6.5rem]">
          <dl className="grid grid-cols-[max-content_minmax(0,1fr)] items-center gap-x-3 gap-y-1">
            <dt className="text-muted">Entry</dt><dd>#{entry.seq.toString()}</dd>
            <dt className="text-muted">Who</dt><dd className="text-xs break-all"><span className="font-mono">{entry.actor}</span></dd>
            <dt className="text-muted">Action</dt><dd className="font-mono text-xs">{entry.action}</dd>
            <dt className="text-muted">Object</dt><dd className="-ml-1"><Id value={entry.objectId} label="object id" /></dd>
            {entry.requestId ? <><dt className="text-muted">Request</dt><dd className="-ml-1"><RequestId id={entry.requestId} bare /></dd></> : null}
            <dt className="text-muted">Hash</dt><dd className="-ml-1"><Id value={entry.hash} label="hash" /></dd>
          </dl>
          <div className="flex flex-wrap gap-1.5">
            {page ? <Button size="sm" asChild><Link href={path(page)}>Open it</Link></Button> : null}
            <Button size="sm" onClick={() => onFilter({ action: entry.action })}>All of this action</Button>
            <Button size="sm" onClick={() => onFilter({ object: entry.objectId })}>All of this object</Button>
            <Button size="sm" onClick={() => onFilter({ actor: entry.actor })}>All of this actor</Button>
            {entry.requestId ? <Button size="sm" onClick={() => onFilter({ request: entry.requestId })}>All of this request</Button> : null}
          </div>
          {detailOf(entry) ? <Json json={entry.detailJson} label="detail" empty="" /> : null}
        </div>
      </details>
    </li>
  );
}

const shortly = (id: string) => (id.length > 13 ? `…${id.slice(-8)}` : id);
