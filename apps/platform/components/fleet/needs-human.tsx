"use client";
import type { GetSystemStatusResponse } from "@chimera/gen/chimera/platform/v1/system_service_pb";
import { CircleCheck } from "lucide-react";
import Link from "next/link";
import { Loaded } from "@/components/panel/loaded";
import { Panel } from "@/components/panel/panel";
import { useStatus } from "@/components/shell/use-status";
import { cn } from "@/components/ui/classes";
import { Skeleton } from "@/components/ui/small";
import { useTenantPath } from "@/lib/session/tenant";
import { useNeeds } from "./use-needs";

/** What waits for a person, each a link to where it is settled. */
export function NeedsHuman() {
  return (
    <Panel title="Needs a human">
      <Loaded query={useStatus()} skeleton={<Skeleton className="m-3 h-24" />}>{(status) => <Needs status={status} />}</Loaded>
    </Panel>
  );
}

function Needs({ status }: { status: GetSystemStatusResponse }) {
  const needs = useNeeds(status);
  const path = useTenantPath();
  const calm = needs.every((n) => n.count === 0);
  return (
    <>
      {calm ? <p role="status" className="flex items-center gap-2 px-4 pt-3 text-ok"><CircleCheck className="size-4" aria-hidden />Nobody is waited for.</p> : null}
      <ul className="grid grid-cols-2 gap-px overflow-hidden rounded-b-lg bg-line md:grid-cols-3 xl:grid-cols-6">
        {needs.map((n) => (
          <li key={n.key} className="min-w-0 bg-surface">
            <Link href={path(n.href)} className="block h-full px-4 py-3 hover:bg-hover">
              <span className={cn("block text-xl font-semibold tabular-nums", n.count > 0 ? "text-wait" : "text-muted")}>{n.count.toLocaleString("en")}</span>
              <span className={cn("block", n.count > 0 ? "font-medium" : "text-muted")}>{n.label}</span>
              <span className="block truncate text-xs text-muted">{n.detail}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
