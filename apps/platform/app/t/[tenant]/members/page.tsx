import type { Metadata } from "next";
import { MemberService } from "@chimera/gen/chimera/platform/v1/member_service_pb";
import { Members } from "@/components/member/members";
import { paged, Prefetched } from "@/lib/rpc/prefetch";
import { tenantOf } from "@/lib/url/tenant";
import { membersInput } from "./params";

export const metadata: Metadata = { title: "Members" };

export default async function MembersPage({ params }: { params: Promise<{ tenant: string }> }) {
  const tenant = await tenantOf(params);
  return <Prefetched tenant={tenant} queries={[paged(MemberService.method.listMembers, membersInput)]}><Members /></Prefetched>;
}
