import { createConnectTransport } from "@connectrpc/connect-web";
import { addStaticKeyToTransport } from "@connectrpc/connect-query";
import type { Interceptor, Transport } from "@connectrpc/connect";
import { CSRF_HEADER, REQUEST_ID_HEADER, TENANT_HEADER } from "./headers";
import { requestLog } from "./request-log";
import { transportKey } from "./transport-key";

/** The browser's way to the API: our own origin, which adds the token. It acts for one tenant and no other. */
export function clientTransport(tenant: string): Transport {
  const transport = createConnectTransport({
    baseUrl: "/api/rpc",
    defaultTimeoutMs: 30_000,
    interceptors: [identify(tenant)],
  });
  return addStaticKeyToTransport(transport, transportKey(tenant));
}

/** Every call names its tenant and an id of its own, and leaves a line in this tab's log (R14.4). */
function identify(tenant: string): Interceptor {
  return (next) => async (call) => {
    const requestId = crypto.randomUUID();
    call.header.set(TENANT_HEADER, tenant);
    call.header.set(CSRF_HEADER, "1");
    call.header.set(REQUEST_ID_HEADER, requestId);
    const done = requestLog.begin(requestId, call.method.name);
    try {
      const answer = await next(call);
      done(true);
      return answer;
    } catch (error) {
      done(false);
      throw error;
    }
  };
}
