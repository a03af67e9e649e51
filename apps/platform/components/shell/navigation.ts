import { Activity, Bot, CalendarDays, ClipboardCheck, Gauge, Inbox, type LucideIcon, Megaphone, Newspaper, ScrollText, ShieldCheck, Users, Wallet } from "lucide-react";

export type Destination = {
  /** Under /t/[tenant]/. */
  path: string;
  label: string;
  icon: LucideIcon;
  /** The second key after g. */
  key: string;
  /** Which of the system status's counts stands beside it. */
  count?: "openReviews" | "openDeadLetters";
};

const all = [
  { path: "", label: "Fleet", icon: Gauge, key: "f" },
  { path: "reviews", label: "Reviews", icon: ClipboardCheck, key: "r", count: "openReviews" },
  { path: "campaigns", label: "Campaigns", icon: Megaphone, key: "c" },
  { path: "calendar", label: "Calendar", icon: CalendarDays, key: "l" },
  { path: "posts", label: "Posts", icon: Newspaper, key: "p" },
  { path: "agents", label: "Agents", icon: Bot, key: "a" },
  { path: "budgets", label: "Budgets", icon: Wallet, key: "b" },
  { path: "policies", label: "Policies", icon: ShieldCheck, key: "o" },
  { path: "audit", label: "Audit", icon: ScrollText, key: "u" },
  { path: "dead-letters", label: "Dead letters", icon: Inbox, key: "d", count: "openDeadLetters" },
  { path: "members", label: "Members", icon: Users, key: "m" },
  { path: "system", label: "System", icon: Activity, key: "s" },
] as const satisfies readonly Destination[];

export type DestinationPath = (typeof all)[number]["path"];
export const destinations: readonly (Destination & { path: DestinationPath })[] = all;
