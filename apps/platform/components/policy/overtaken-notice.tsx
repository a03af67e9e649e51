import type { Policy } from "@chimera/gen/chimera/platform/v1/policy_service_pb";
import { WordDiff } from "@/components/review/word-diff";
import { Button } from "@/components/ui/button";
import { inputOf, type PolicyInput } from "./policy-schema";

const names: Record<keyof PolicyInput, string> = {
  thresholdPercent: "Confidence threshold, in percent", maxPostsPerDay: "Most posts in 24 hours", bannedTerms: "Banned terms", sensitiveTerms: "Sensitive terms",
};

/** What somebody else put in force since editing began; what was typed stays below to copy from. */
export function OvertakenNotice({ base, current, onRebase }: { base: Policy; current: Policy; onRebase: () => void }) {
  const [from, to] = [inputOf(base), inputOf(current)];
  const changed = (Object.keys(names) as (keyof PolicyInput)[]).filter((key) => from[key] !== to[key]);
  return (
    <div role="alert" className="grid gap-2 rounded-md border border-wait/30 bg-wait-soft p-3">
      <p className="text-wait"><strong>{current.createdBy} put version {current.version} in force meanwhile.</strong> What you typed is kept below, but cannot be saved over it. Copy what you need, then start from the new version.</p>
      <dl className="scroll-thin grid max-h-60 gap-2 overflow-y-auto rounded-md bg-surface p-2">
        {changed.map((key) => <div key={key}><dt className="text-muted">{names[key]}</dt><dd><WordDiff from={from[key]} to={to[key]} /></dd></div>)}
        {changed.length === 0 ? <div><dt className="text-muted">The two versions say the same.</dt></div> : null}
      </dl>
      <Button size="sm" className="justify-self-start" onClick={onRebase}>Start from version {current.version}</Button>
    </div>
  );
}
