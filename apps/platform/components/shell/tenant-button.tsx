"use client";
import { ChevronsUpDown } from "lucide-react";
import type { ComponentProps } from "react";
import { useTenant } from "@/lib/session/tenant";
import { useSession } from "@/lib/session/use-session";

/** The tenant's name; pressed, the others. */
export function TenantButton(props: ComponentProps<"button">) {
  const tenant = useTenant();
  const { memberships } = useSession();
  const name = memberships.find((m) => m.tenantSlug === tenant || m.tenantId === tenant)?.tenantName ?? tenant;
  return (
    <button type="button" aria-haspopup="menu" {...props} className="flex h-8 max-w-44 items-center gap-2 rounded-md px-2 font-semibold hover:bg-hover max-sm:h-11 sm:max-w-60">
      <span aria-hidden className="grid size-5 shrink-0 place-items-center rounded-sm bg-accent text-2xs font-bold text-on-accent uppercase">{name.slice(0, 1)}</span>
      <span className="sr-only">Tenant: </span>
      <span className="truncate">{name}</span>
      <ChevronsUpDown className="size-3.5 shrink-0 text-muted" aria-hidden />
    </button>
  );
}
