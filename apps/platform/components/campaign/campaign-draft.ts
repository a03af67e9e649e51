"use client";
import { useEffect } from "react";
import type { UseFormReturn } from "react-hook-form";
import { z } from "zod";
import { useTenant } from "@/lib/session/tenant";
import { emptyCampaign, unitNames, type CampaignFields, type CampaignRequest } from "./campaign-schema";

const duration = z.object({ amount: z.string(), unit: z.enum(unitNames) });
const schema: z.ZodType<CampaignFields> = z.object({
  name: z.string(), goal: z.string(), agentId: z.string(), accountIds: z.array(z.string()), playbook: z.string(), feeds: z.string(), keywords: z.string(),
  hackerNews: z.boolean(), slot: duration, metricsAfter: duration, budget: z.string(),
});

const keyOf = (tenant: string) => `chimera-campaign-draft/${tenant}`;

/** What was typed and not sent; in this tab only, and undefined when there is none. */
export function loadDraft(tenant: string): CampaignFields | undefined {
  if (typeof window === "undefined") return undefined;
  try {
    return schema.safeParse(JSON.parse(sessionStorage.getItem(keyOf(tenant)) ?? "null")).data;
  } catch {
    return undefined;
  }
}

export const dropDraft = (tenant: string) => sessionStorage.removeItem(keyOf(tenant));

/** Keeps the form's fields through a reload or a lost session until they are sent. */
export function useDraft(form: UseFormReturn<CampaignFields, unknown, CampaignRequest>, playbook: string) {
  const tenant = useTenant();
  useEffect(() => {
    // After the first frame, which must be what the server drew.
    const saved = loadDraft(tenant);
    if (saved) form.reset(saved, { keepDefaultValues: true });
    return form.subscribe({ formState: { values: true }, callback: ({ values }) => sessionStorage.setItem(keyOf(tenant), JSON.stringify(values)) });
  }, [form, tenant]);
  return function clear() {
    form.reset({ ...emptyCampaign, playbook });
    dropDraft(tenant);
  };
}
