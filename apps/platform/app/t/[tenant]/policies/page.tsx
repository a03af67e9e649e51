import type { Metadata } from "next";
import { PolicyService } from "@chimera/gen/chimera/platform/v1/policy_service_pb";
import { Policies } from "@/components/policy/policies";
import { one, Prefetched } from "@/lib/rpc/prefetch";
import { tenantOf } from "@/lib/url/tenant";

export const metadata: Metadata = { title: "Policies" };

export default async function PoliciesPage({ params }: { params: Promise<{ tenant: string }> }) {
  const tenant = await tenantOf(params);
  return <Prefetched tenant={tenant} queries={[one(PolicyService.method.getPolicy, {})]}><Policies /></Prefetched>;
}
