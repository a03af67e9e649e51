"use client";
import { usePathname, useRouter } from "next/navigation";
import { Menu, MenuContent, MenuLabel, MenuRadioGroup, MenuRadioItem, MenuTrigger } from "@/components/ui/menu";
import { roleNames } from "@/lib/session/permissions";
import { useTenant } from "@/lib/session/tenant";
import { tenantPath } from "@/lib/session/tenant-path";
import { useSession } from "@/lib/session/use-session";
import { TenantButton } from "./tenant-button";

/**
 * Goes to the same section of another tenant. The new tenant's layout has its own query client and transport, so
 * nothing of the old one is left; ids in the address are dropped, since they belong to the old one.
 */
export default function TenantMenu() {
  const tenant = useTenant();
  const router = useRouter();
  const section = usePathname().split("/")[3] ?? "";
  const { memberships } = useSession();
  const current = memberships.find((m) => m.tenantSlug === tenant || m.tenantId === tenant);
  return (
    <Menu defaultOpen>
      <MenuTrigger asChild><TenantButton /></MenuTrigger>
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
