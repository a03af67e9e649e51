import { notFound } from "next/navigation";
import { z } from "zod";
import { TENANT_PATTERN } from "@/lib/rpc/headers";

const schema = z.object({ tenant: z.string().regex(TENANT_PATTERN) });

/** Reads [tenant] out of a page's params; a malformed one is a page that does not exist. */
export async function tenantOf(params: Promise<unknown>): Promise<string> {
  const parsed = schema.safeParse(await params);
  if (!parsed.success) notFound();
  return parsed.data.tenant;
}
