import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { PostService } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { StopService } from "@chimera/gen/chimera/platform/v1/stop_service_pb";
import { ToolService } from "@chimera/gen/chimera/platform/v1/tool_service_pb";
import { Page } from "@/components/panel/page";
import { Effects } from "@/components/system/effects";
import { Headroom } from "@/components/system/headroom";
import { Parts } from "@/components/system/parts";
import { Queues } from "@/components/system/queues";
import { Stops } from "@/components/system/stops";
import { Tools } from "@/components/system/tools";
import { one, paged, Prefetched } from "@/lib/rpc/prefetch";
import { tenantOf } from "@/lib/url/tenant";
import { effectsInput, effectStatesOf, loadSystemParams, stopsInput } from "./params";

export const metadata: Metadata = { title: "System" };

type Props = { params: Promise<{ tenant: string }>; searchParams: Promise<SearchParams> };

/** The frame has prefetched the system's status. */
export default async function SystemPage({ params, searchParams }: Props) {
  const tenant = await tenantOf(params);
  const url = await loadSystemParams(searchParams);
  return (
    <Prefetched tenant={tenant} queries={[
      ...effectStatesOf[url.effects].map((state) => paged(PostService.method.listEffects, effectsInput(state))),
      one(ToolService.method.listTools, {}),
      paged(StopService.method.listStops, stopsInput(url.stops)),
    ]}>
      <Page title="System" facts="The parts, what waits in them, and what they may do.">
        <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-2 xl:grid-cols-3"><Parts /><Queues /><Headroom /></div>
        <Effects />
        <Tools />
        <Stops />
      </Page>
    </Prefetched>
  );
}
