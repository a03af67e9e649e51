import "server-only";
import { createConnectTransport } from "@connectrpc/connect-web";
import { addStaticKeyToTransport } from "@connectrpc/connect-query-core";
import type { Transport } from "@connectrpc/connect";
import { cache } from "react";
import { requireSession } from "@/lib/auth/current";
import { env } from "@/lib/env";
import { REQUEST_ID_HEADER, TENANT_HEADER } from "./headers";
import { transportKey } from "./transport-key";

/** The server's way to the API, with the signed-in person's token. Without a tenant it serves GetSession only. */
export const serverTransport = cache(async (tenant?: string): Promise<Transport> => {
  const session = await requireSession();
  const transport = createConnectTransport({
    baseUrl: env().apiUrl,
    defaultTimeoutMs: 5_000,
    interceptors: [
      (next) => (call) => {
        call.header.set("authorization", `Bearer ${session.accessToken}`);
        call.header.set(REQUEST_ID_HEADER, crypto.randomUUID());
        if (tenant) call.header.set(TENANT_HEADER, tenant);
        return next(call);
      },
    ],
  });
  return addStaticKeyToTransport(transport, transportKey(tenant ?? ""));
});
