import { notFound } from "next/navigation";
import { createLoader, parseAsBoolean } from "nuqs/server";
import * as z from "zod/mini";
import { uuidParam, zodParam } from "@/lib/url/params";

/** ?version= is the plan version shown, absent for the current one; ?diff= compares it with the one before; ?task= is the open task; ?find= keeps matching steps bright. */
export const campaignParams = {
  version: zodParam(z.string().check(z.regex(/^[1-9]\d{0,8}$/))),
  diff: parseAsBoolean.withDefault(false),
  task: uuidParam(),
  find: zodParam(z.string().check(z.maxLength(80))).withDefault(""),
};

export const loadCampaignParams = createLoader(campaignParams);

const schema = z.object({ campaign: z.uuid() });

export async function campaignOf(params: Promise<unknown>): Promise<string> {
  const parsed = schema.safeParse(await params);
  if (!parsed.success) notFound();
  return parsed.data.campaign;
}

export const planInput = (campaignId: string, version: string | null) => ({ campaignId, version: Number(version ?? 0) });
export const versionsInput = (campaignId: string) => ({ campaignId, pageSize: 20 });
