import "server-only";
import { env } from "@/lib/env";

/** True for requests that this app's own pages sent. Browsers set both headers; scripts of other sites cannot. */
export function sameOrigin(headers: Headers): boolean {
  const site = headers.get("sec-fetch-site");
  return headers.get("origin") === env().origin && (site === null || site === "same-origin");
}
