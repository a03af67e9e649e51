"use client";
import { ChevronsUpDown } from "lucide-react";
import { usePathname, useRouter } from "next/navigation";
import { Menu, MenuContent, MenuLabel, MenuRadioGroup, MenuRadioItem, MenuTrigger } from "@/components/ui/menu";
import { tenantPath } from "@/lib/session/tenant-path";
import { useTenant } from "@/lib/session/tenant";
import { roleNames } from "@/lib/session/permissions";
import { useSession } from "@/lib/session/use-session";

/**
 * Goes to the same section of another tenant. The new tenant's layout has its own query client and transport, so
 * nothing of the old one is left; ids in the address are dropped, since they belong to the old one.
 */
export function TenantSwitcher() {
  const tenant = useTenant();
  const router = useRouter();
  const section = usePathname().split("/")[3] ?? "";
  const { memberships } = useSession();
  const current = memberships.find((m) => m.tenantSlug === tenant || m.tenantId === tenant);
  const name = current?.tenantName ?? tenant;
  return (
    <Menu>
      <MenuTrigger aria-label={`Tenant: ${name}`} className="flex h-8 max-w-44 items-center gap-2 rounded-md px-2 font-semibold hover:bg-hover sm:max-w-60">
        <span aria-hidden className="grid size-5 shrink-0 place-items-center rounded-sm bg-accent text-2xs font-bold text-on-accent uppercase">{name.slice(0, 1)}</span>
        <span className="truncate">{name}</span>
        <ChevronsUpDown className="size-3.5 shrink-0 text-muted" aria-hidden />
      </MenuTrigger>
      <MenuContent align="start">
        <MenuLabel>Your tenants</MenuLabel>
        <MenuRadioGroup value={current?.tenantSlug ?? tenant} onValueChange={(slug) => slug !== tenant && router.push(tenantPath(slug, section))}>
          {memberships.map((m) => (
            <MenuRadioItem key={m.tenantId} value={m.tenantSlug}>
              <span className="min-w-0 flex-1 truncate">{m.tenantName}</span>
              <span className="text-xs text-muted">{roleNames[m.role]}</span>
            </MenuRadioItem>
          ))}
        </MenuRadioGroup>
      </MenuContent>
    </Menu>
  );
}
