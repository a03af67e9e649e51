import { createClient } from "@connectrpc/connect";
import { redirect } from "next/navigation";
import { SessionService } from "@chimera/gen/chimera/platform/v1/session_service_pb";
import { NoTenant } from "@/components/shell/no-tenant";
import { serverTransport } from "@/lib/rpc/server";
import { tenantPath } from "@/lib/session/tenant-path";

/** Goes to the person's first tenant; the switcher leads to the others. */
export default async function Home() {
  const { memberships } = await createClient(SessionService, await serverTransport()).getSession({});
  const first = memberships[0];
  if (!first) return <NoTenant />;
  redirect(tenantPath(first.tenantSlug, ""));
}
