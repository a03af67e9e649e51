import type { Policy } from "@chimera/gen/chimera/platform/v1/policy_service_pb";
import { z } from "zod";

/** One term a line; the same term twice counts once. */
const terms = z.string()
  .transform((text) => [...new Set(text.split("\n").map((l) => l.trim()).filter(Boolean))])
  .pipe(z.array(z.string().max(120, "A term has at most 120 characters.")).max(1000, "At most 1,000 terms."));

/** A number as it is typed. */
const typed = (number: z.ZodType<number, number>) => z.string().trim().min(1, "Type a number.").transform(Number).pipe(number);

/** As the proto bounds a policy; the threshold is typed in percent and kept as 0 to 1. */
export const policySchema = z.object({
  thresholdPercent: typed(z.number("Type a number.").min(0, "From 0 to 100.").max(100, "From 0 to 100.")),
  maxPostsPerDay: typed(z.number("Type a number.").int("A whole number.").min(0, "From 0 to 1,000.").max(1000, "From 0 to 1,000.")),
  bannedTerms: terms,
  sensitiveTerms: terms,
});

export type PolicyInput = z.input<typeof policySchema>;
export type PolicyOutput = z.output<typeof policySchema>;

export const inputOf = (p: Policy): PolicyInput => ({
  thresholdPercent: percent(p.confidenceThreshold), maxPostsPerDay: String(p.maxPostsPerDay),
  bannedTerms: p.bannedTerms.join("\n"), sensitiveTerms: p.sensitiveTerms.join("\n"),
});

export const messageOf = (v: PolicyOutput) => ({
  confidenceThreshold: v.thresholdPercent / 100, maxPostsPerDay: v.maxPostsPerDay, bannedTerms: v.bannedTerms, sensitiveTerms: v.sensitiveTerms,
});

/** 0.7 as "70": without the dust of binary fractions. */
export const percent = (share: number) => String(Number((share * 100).toFixed(4)));
