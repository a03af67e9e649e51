"use client";
import { useQuery } from "@connectrpc/connect-query";
import { SystemService } from "@chimera/gen/chimera/platform/v1/system_service_pb";

/** The tenant's queues, counts and parts, every ten seconds; all of the shell shares this one query. */
export const useStatus = () => useQuery(SystemService.method.getSystemStatus, {}, { refetchInterval: 10_000 });
