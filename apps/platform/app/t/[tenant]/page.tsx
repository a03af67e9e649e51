import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { AgentService } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { AgentTable } from "@/components/fleet/agent-table";
import { Gauges } from "@/components/fleet/gauges";
import { NeedsHuman } from "@/components/fleet/needs-human";
import { Page } from "@/components/panel/page";
import { paged, Prefetched } from "@/lib/rpc/prefetch";
import { tenantOf } from "@/lib/url/tenant";
import { fleetAgents, loadFleetParams } from "./params";

export const metadata: Metadata = { title: "Fleet" };

/** The frame has prefetched the system's status. */
export default async function FleetPage({ params, searchParams }: { params: Promise<{ tenant: string }>; searchParams: Promise<SearchParams> }) {
  const tenant = await tenantOf(params);
  const url = await loadFleetParams(searchParams);
  return (
    <Prefetched tenant={tenant} queries={[paged(AgentService.method.listAgents, fleetAgents(url))]}>
      <Page title="Fleet" facts="What needs a person comes first.">
        <NeedsHuman />
        <Gauges />
        <AgentTable />
      </Page>
    </Prefetched>
  );
}
