import type { DescMethod } from "@bufbuild/protobuf";
import { AgentService } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { AuditService } from "@chimera/gen/chimera/platform/v1/audit_service_pb";
import { CampaignService } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { DeadLetterService } from "@chimera/gen/chimera/platform/v1/dead_letter_service_pb";
import { PolicyService } from "@chimera/gen/chimera/platform/v1/policy_service_pb";
import { PostService } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { ReviewService } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { SystemService } from "@chimera/gen/chimera/platform/v1/system_service_pb";
import { Activity, Bot, ClipboardCheck, Gauge, Inbox, type LucideIcon, Megaphone, Newspaper, ScrollText, ShieldCheck } from "lucide-react";

export type Destination = {
  /** Under /t/[tenant]/. */
  path: string;
  label: string;
  icon: LucideIcon;
  /** The second key after g. */
  key: string;
  /** Offered to those who may call this. */
  needs: DescMethod;
  /** Which of the system status's counts stands beside it. */
  count?: "openReviews" | "openDeadLetters";
};

export const destinations: readonly Destination[] = [
  { path: "", label: "Fleet", icon: Gauge, key: "f", needs: SystemService.method.getSystemStatus },
  { path: "reviews", label: "Reviews", icon: ClipboardCheck, key: "r", needs: ReviewService.method.listReviews, count: "openReviews" },
  { path: "campaigns", label: "Campaigns", icon: Megaphone, key: "c", needs: CampaignService.method.listCampaigns },
  { path: "posts", label: "Posts", icon: Newspaper, key: "p", needs: PostService.method.listPosts },
  { path: "agents", label: "Agents", icon: Bot, key: "a", needs: AgentService.method.listAgents },
  { path: "policies", label: "Policies", icon: ShieldCheck, key: "o", needs: PolicyService.method.getPolicy },
  { path: "audit", label: "Audit", icon: ScrollText, key: "u", needs: AuditService.method.listAuditEntries },
  { path: "dead-letters", label: "Dead letters", icon: Inbox, key: "d", needs: DeadLetterService.method.getDeadLetter, count: "openDeadLetters" },
  { path: "system", label: "System", icon: Activity, key: "s", needs: SystemService.method.getSystemStatus },
];
