"use client";
import type { DescMethod } from "@bufbuild/protobuf";
import { useQuery } from "@connectrpc/connect-query";
import { Role, SessionService } from "@chimera/gen/chimera/platform/v1/session_service_pb";
import { mayCall } from "./permissions";

const MINUTE = 60_000;

/** Who is signed in, and what they may do in this tenant. The tenant's layout prefetches it. */
export function useSession() {
  const { data } = useQuery(SessionService.method.getSession, {}, { staleTime: MINUTE, refetchInterval: 5 * MINUTE });
  const role = data?.role ?? Role.UNSPECIFIED;
  return {
    subject: data?.subject ?? "",
    email: data?.email ?? "",
    role,
    tenantId: data?.tenantId ?? "",
    memberships: data?.memberships ?? [],
    /** What one may not do is not offered. */
    may: (method: DescMethod) => mayCall(role, method),
  };
}
