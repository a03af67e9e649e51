import { z } from "zod";
import { StopScope } from "@chimera/gen/chimera/platform/v1/stop_service_pb";

const reason = z.string().trim().min(1, "Say why: it stands in the audit chain.").max(500, "At most 500 characters.");

export const pressSchema = z
  .object({
    scope: z.enum(["tenant", "agent", "account", "campaign"]),
    scopeId: z.string(),
    reason,
    typed: z.string().trim().toLowerCase().pipe(z.literal("stop", "Type stop.")),
  })
  .refine((v) => v.scope === "tenant" || z.uuid().safeParse(v.scopeId).success, { path: ["scopeId"], error: "Choose which one." });
export type Press = z.input<typeof pressSchema>;

export const releaseSchema = z.object({
  reason,
  typed: z.string().trim().toLowerCase().pipe(z.literal("release", "Type release.")),
});
export type Release = z.input<typeof releaseSchema>;

export const scopeOf: Record<Press["scope"], StopScope> = {
  tenant: StopScope.TENANT, agent: StopScope.AGENT, account: StopScope.ACCOUNT, campaign: StopScope.CAMPAIGN,
};
