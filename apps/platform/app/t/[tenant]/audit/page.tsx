import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { AuditService } from "@chimera/gen/chimera/platform/v1/audit_service_pb";
import { AuditLog } from "@/components/audit/audit-log";
import { paged, Prefetched } from "@/lib/rpc/prefetch";
import { tenantOf } from "@/lib/url/tenant";
import { auditInput, loadAuditParams, securityInput } from "./params";

export const metadata: Metadata = { title: "Audit" };

type Props = { params: Promise<{ tenant: string }>; searchParams: Promise<SearchParams> };

export default async function AuditPage({ params, searchParams }: Props) {
  const tenant = await tenantOf(params);
  const url = await loadAuditParams(searchParams);
  const query = url.view === "security" ? paged(AuditService.method.listSecurityEvents, securityInput) : paged(AuditService.method.listAuditEntries, auditInput(url));
  return <Prefetched tenant={tenant} queries={[query]}><AuditLog /></Prefetched>;
}
