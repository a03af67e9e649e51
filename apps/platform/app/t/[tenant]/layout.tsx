import { Code, ConnectError, createClient } from "@connectrpc/connect";
import type { ReactNode } from "react";
import { SessionService } from "@chimera/gen/chimera/platform/v1/session_service_pb";
import { StopService } from "@chimera/gen/chimera/platform/v1/stop_service_pb";
import { SystemService } from "@chimera/gen/chimera/platform/v1/system_service_pb";
import { UndoProvider } from "@/components/undo/undo";
import { destinationRoles } from "@/components/shell/destinations";
import { NoTenant } from "@/components/shell/no-tenant";
import { Shell } from "@/components/shell/shell";
import { DestinationRoles } from "@/components/shell/use-destinations";
import { TenantProviders } from "@/components/shell/tenant-providers";
import { env } from "@/lib/env";
import { LogsUrl } from "@/lib/logs/logs-url";
import { one, Prefetched } from "@/lib/rpc/prefetch";
import { serverTransport } from "@/lib/rpc/server";
import { tenantOf } from "@/lib/url/tenant";

export default async function TenantLayout({ params, children }: { params: Promise<{ tenant: string }>; children: ReactNode }) {
  const tenant = await tenantOf(params);
  if (!(await isMember(tenant))) return <NoTenant tenant={tenant} />;
  return (
    <TenantProviders key={tenant} tenant={tenant}>
      <Prefetched tenant={tenant} queries={[
        one(SessionService.method.getSession, {}),
        one(StopService.method.listStops, { pageSize: 50 }),
        one(SystemService.method.getSystemStatus, {}),
      ]}>
        <LogsUrl template={env().logsUrl}>
          <UndoProvider><DestinationRoles roles={destinationRoles()}><Shell>{children}</Shell></DestinationRoles></UndoProvider>
        </LogsUrl>
      </Prefetched>
    </TenantProviders>
  );
}

/** The API refuses foreign tenants on every call; asking first shows one clear page for it. */
async function isMember(tenant: string): Promise<boolean> {
  try {
    await createClient(SessionService, await serverTransport(tenant)).getSession({});
    return true;
  } catch (error) {
    if (error instanceof ConnectError && error.code === Code.PermissionDenied) return false;
    // An API that is away is shown by the panels; a redirect to sign in must pass.
    if (error instanceof ConnectError) return true;
    throw error;
  }
}
