import { z } from "zod";

/** Seconds. */
export const unitSeconds = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 } as const;
export type Unit = keyof typeof unitSeconds;
export const unitNames = ["seconds", "minutes", "hours", "days"] as const;

/** What lines or commas part, without blanks and repetitions. */
const listOf = (text: string, separator: RegExp) => [...new Set(text.split(separator).map((s) => s.trim()).filter(Boolean))];

const httpUrl = z.url({ protocol: /^https?$/ }).max(2048);

const feeds = z.string().transform((text, ctx) => {
  const list = listOf(text, /\s+/);
  const bad = list.find((f) => !httpUrl.safeParse(f).success);
  if (bad) ctx.addIssue({ code: "custom", message: `“${bad.slice(0, 80)}” is not an http or https address.` });
  if (list.length > 20) ctx.addIssue({ code: "custom", message: "At most 20 feeds." });
  return list;
});

const keywords = z.string().transform((text, ctx) => {
  const list = listOf(text, /[,\n]/);
  if (list.length > 30) ctx.addIssue({ code: "custom", message: "At most 30 keywords." });
  if (list.some((k) => k.length > 80)) ctx.addIssue({ code: "custom", message: "A keyword has at most 80 characters." });
  return list;
});

/** Empty leaves the choice to the server. Bounds in seconds, as the API has them. */
const duration = (least: number, most: number, message: string) =>
  z.object({ amount: z.string().trim().regex(/^(\d{1,7})?$/, "A whole number, or nothing."), unit: z.enum(unitNames) }).transform((v, ctx) => {
    if (v.amount === "") return undefined;
    const seconds = Number(v.amount) * unitSeconds[v.unit];
    if (seconds < least || seconds > most) ctx.addIssue({ code: "custom", path: ["amount"], message });
    return { seconds: BigInt(seconds) };
  });

const budget = z.string().trim().regex(/^\d{1,9}(\.\d{1,6})?$/, "An amount such as 2.50; 0 for nothing.").transform((text) => {
  const [whole = "0", part = ""] = text.split(".");
  return BigInt(whole) * 1_000_000n + BigInt(part.padEnd(6, "0"));
});

/** The form's fields; its output is the request's fields. The bounds are those of campaign_service.proto. */
export const campaignSchema = z.object({
  name: z.string().trim().min(1, "Give it a name people will find it by.").max(120, "At most 120 characters."),
  goal: z.string().trim().min(1, "Say what the agent should reach.").max(2000, "At most 2,000 characters."),
  agentId: z.uuid("Choose an agent."),
  accountIds: z.array(z.uuid()).min(1, "Choose at least one account.").max(50, "At most 50 accounts."),
  playbook: z.string().min(1, "Choose a playbook.").max(80),
  feeds,
  keywords,
  hackerNews: z.boolean(),
  slot: duration(30, 2_592_000, "Between 30 seconds and 30 days."),
  metricsAfter: duration(0, 604_800, "At most 7 days."),
  budget,
}).refine((v) => v.feeds.length > 0 || v.hackerNews, { path: ["feeds"], error: "Name a feed, or take Hacker News: trends must come from somewhere." });

export type CampaignFields = z.input<typeof campaignSchema>;
export type CampaignRequest = z.output<typeof campaignSchema>;

export const emptyCampaign: CampaignFields = {
  name: "", goal: "", agentId: "", accountIds: [], playbook: "", feeds: "", keywords: "", hackerNews: false,
  slot: { amount: "", unit: "hours" }, metricsAfter: { amount: "", unit: "minutes" }, budget: "0",
};

/** Which field of the form a field of the request stands in, by its proto path. */
export function fieldOf(path: readonly string[]): keyof CampaignFields | undefined {
  const names: Record<string, keyof CampaignFields> = {
    name: "name", goal: "goal", agent_id: "agentId", account_ids: "accountIds", playbook: "playbook", feeds: "feeds", keywords: "keywords",
    hacker_news: "hackerNews", slot: "slot", metrics_after: "metricsAfter", budget_micros: "budget",
  };
  return names[(path[0] === "parameters" ? path[1] : path[0]) ?? ""];
}
