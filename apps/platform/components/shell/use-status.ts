"use client";
import { useQuery } from "@connectrpc/connect-query";
import { SystemService } from "@chimera/gen/chimera/platform/v1/system_service_pb";

/** A part that goes down sends no hint. Milliseconds. */
const PARTS_MS = 20_000;

/** The tenant's queues, counts and parts; all of the shell shares this one query. */
export const useStatus = () => useQuery(SystemService.method.getSystemStatus, {}, { refetchInterval: PARTS_MS });
