"use client";
import { AccountHealth } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import Link from "next/link";
import { useId } from "react";
import type { UseFormRegisterReturn } from "react-hook-form";
import { StateBadge } from "@/components/state/state-badge";
import { accountHealths } from "@/components/state/account";
import { cn } from "@/components/ui/classes";
import { useAccounts } from "@/lib/fleet/use-fleet";
import { useTenantPath } from "@/lib/session/tenant";

/** The agent's accounts as checkboxes; each gets its own draft, review and post. */
export function AccountPicker({ agentId, error, register }: { agentId: string; error?: string; register: UseFormRegisterReturn }) {
  const note = useId();
  const path = useTenantPath();
  const accounts = [...useAccounts().values()].filter((a) => a.agentId === agentId);
  return (
    <fieldset aria-describedby={note} className="grid gap-1">
      <legend className="font-medium">Accounts</legend>
      {accounts.length > 0 ? (
        <ul className="grid gap-px overflow-hidden rounded-md border border-line bg-line">
          {accounts.map((a) => (
            <li key={a.id} className="bg-raised">
              <label className="flex min-h-9 cursor-pointer items-center gap-2 px-2.5 py-1 hover:bg-hover">
                <input type="checkbox" value={a.id} className="size-4 shrink-0 accent-(--accent)" {...register} />
                <span className="min-w-0 flex-1 truncate">{a.handle} <span className="text-muted">on {a.platform}</span></span>
                {a.health === AccountHealth.OK ? null : <StateBadge look={accountHealths[a.health]} />}
              </label>
            </li>
          ))}
        </ul>
      ) : agentId ? <p>This agent has no account yet. <Link href={path("agents")} className="text-accent underline underline-offset-2">Connect one under Agents.</Link></p> : null}
      <p id={note} className={cn("text-xs", error ? "text-bad" : "text-muted")}>{error ?? (agentId ? "Each account gets its own draft, review and post." : "Choose the agent first.")}</p>
    </fieldset>
  );
}
