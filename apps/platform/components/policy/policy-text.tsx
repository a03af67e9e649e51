import type { Policy } from "@chimera/gen/chimera/platform/v1/policy_service_pb";
import type { ReactNode } from "react";
import { Badge } from "@/components/ui/small";
import { percent } from "./policy-schema";

export function PolicyText({ policy }: { policy: Policy }) {
  return (
    <dl className="grid gap-4 p-3">
      <Rule name="Confidence below which a person decides" value={`${percent(policy.confidenceThreshold)} %`} />
      <Rule name="Most posts of an account in 24 hours" value={policy.maxPostsPerDay === 0 ? "the platform's own limit" : policy.maxPostsPerDay.toLocaleString("en")} />
      <Rule name={`Banned terms (${policy.bannedTerms.length})`} value={<Terms terms={policy.bannedTerms} tone="bad" />} />
      <Rule name={`Sensitive terms (${policy.sensitiveTerms.length}): an item with one is high-risk`} value={<Terms terms={policy.sensitiveTerms} tone="wait" />} />
    </dl>
  );
}

function Rule({ name, value }: { name: string; value: ReactNode }) {
  return <div><dt className="text-muted">{name}</dt><dd className="pt-0.5 text-base">{value}</dd></div>;
}

function Terms({ terms, tone }: { terms: string[]; tone: "bad" | "wait" }) {
  if (terms.length === 0) return "none";
  return <ul className="scroll-thin flex max-h-60 flex-wrap gap-1 overflow-y-auto">{terms.map((t) => <li key={t} className="min-w-0"><Badge tone={tone} className="break-words whitespace-normal">{t}</Badge></li>)}</ul>;
}
