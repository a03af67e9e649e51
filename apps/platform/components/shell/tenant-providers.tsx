"use client";
import { TransportProvider } from "@connectrpc/connect-query";
import { QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";
import { LiveProvider } from "@/lib/live/live";
import { clientTransport } from "@/lib/rpc/client";
import { makeQueryClient } from "@/lib/rpc/query-client";
import { TenantName } from "@/lib/session/tenant";
import { ShortcutsProvider } from "./shortcuts";

/**
 * A tenant's own cache and transport. The layout gives it key={tenant}: another tenant is another instance, so
 * nothing read for one can be shown for the other (R13.2).
 */
export function TenantProviders({ tenant, children }: { tenant: string; children: ReactNode }) {
  const [own] = useState(() => ({ queries: makeQueryClient(), transport: clientTransport(tenant) }));
  useEffect(() => () => void own.queries.cancelQueries(), [own]);
  return (
    <TenantName tenant={tenant}>
      <TransportProvider transport={own.transport}>
        <QueryClientProvider client={own.queries}>
          <LiveProvider>
            <ShortcutsProvider>{children}</ShortcutsProvider>
          </LiveProvider>
        </QueryClientProvider>
      </TransportProvider>
    </TenantName>
  );
}
