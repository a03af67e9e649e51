"use client";
import type { DescService } from "@bufbuild/protobuf";
import { createConnectQueryKey, useTransport } from "@connectrpc/connect-query";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";

/** Has everything read from these services read again; for onSettled, since a refusal too means that what is shown is old. */
export function useRefresh(): (...services: DescService[]) => void {
  const client = useQueryClient();
  const transport = useTransport();
  return useCallback((...services) => {
    for (const schema of services) void client.invalidateQueries({ queryKey: createConnectQueryKey({ schema, transport, cardinality: undefined }) });
  }, [client, transport]);
}
