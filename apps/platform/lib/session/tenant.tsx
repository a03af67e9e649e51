"use client";
import { createContext, useContext, type ReactNode } from "react";
import { tenantPath } from "./tenant-path";

const Tenant = createContext<string | undefined>(undefined);

export function TenantName({ tenant, children }: { tenant: string; children: ReactNode }) {
  return <Tenant value={tenant}>{children}</Tenant>;
}

/** The tenant's slug as it stands in the URL. */
export function useTenant(): string {
  const tenant = useContext(Tenant);
  if (!tenant) throw new Error("useTenant is for components under /t/[tenant]");
  return tenant;
}

/** Makes a path inside the tenant: path("reviews") is /t/acme/reviews. */
export function useTenantPath(): (path: string) => string {
  const tenant = useTenant();
  return (path) => tenantPath(tenant, path);
}


