import type { GetSystemStatusResponse } from "@chimera/gen/chimera/platform/v1/system_service_pb";
import { AlarmClock, Banknote, CircleHelp, ClipboardCheck, Inbox, KeyRound, type LucideIcon, Wrench } from "lucide-react";
import type { Tone } from "@/components/ui/small";

export type Need = {
  key: string; icon: LucideIcon; count: number; label: string; detail: string; tone: Tone;
  /** Inside the tenant: where it is settled, filtered to it. */
  href: string;
};

const one = (n: number, single: string, several: string) => (n === 1 ? single : several);

/** All that can wait for a person, in the order it should be looked at. Every count is the server's, and exact. */
export function needsOf(s: GetSystemStatusResponse): Need[] {
  const near = s.campaignsNearBudget;
  return [
    { key: "expiring", icon: AlarmClock, tone: "bad", count: s.expiringReviews, label: one(s.expiringReviews, "review expires", "reviews expire"), detail: "within the hour", href: "reviews?soon=hour" },
    { key: "effects", icon: CircleHelp, tone: "unknown", count: s.unknownEffects, label: one(s.unknownEffects, "outcome unknown", "outcomes unknown"), detail: "was it published or not?", href: "system?effects=open" },
    { key: "letters", icon: Inbox, tone: "bad", count: s.openDeadLetters, label: one(s.openDeadLetters, "dead letter", "dead letters"), detail: "could not be handled", href: "dead-letters?state=open" },
    { key: "accounts", icon: KeyRound, tone: "bad", count: s.deadAccounts, label: one(s.deadAccounts, "secret refused", "secrets refused"), detail: "by the account's platform", href: "agents?accounts=dead" },
    { key: "budgets", icon: Banknote, tone: "wait", count: near.length, label: one(near.length, "budget at 80 %", "budgets at 80 %"), detail: near.slice(0, 2).map((c) => c.name).join(", ") || "of a running campaign", href: near.length === 1 ? `campaigns/${near[0]?.id}` : "budgets" },
    { key: "tools", icon: Wrench, tone: "wait", count: s.changedTools, label: one(s.changedTools, "tool changed", "tools changed"), detail: "held back until accepted", href: "system?tools=changed" },
    { key: "reviews", icon: ClipboardCheck, tone: "wait", count: s.openReviews, label: one(s.openReviews, "review waits", "reviews wait"), detail: "in the queue", href: "reviews" },
  ];
}
