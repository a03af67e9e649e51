import "server-only";
import { AgentService } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { AuditService } from "@chimera/gen/chimera/platform/v1/audit_service_pb";
import { CalendarService } from "@chimera/gen/chimera/platform/v1/calendar_service_pb";
import { CampaignService } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { DeadLetterService } from "@chimera/gen/chimera/platform/v1/dead_letter_service_pb";
import { MemberService } from "@chimera/gen/chimera/platform/v1/member_service_pb";
import { PolicyService } from "@chimera/gen/chimera/platform/v1/policy_service_pb";
import { PostService } from "@chimera/gen/chimera/platform/v1/post_service_pb";
import { ReviewService } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { SystemService } from "@chimera/gen/chimera/platform/v1/system_service_pb";
import type { DescMethod } from "@bufbuild/protobuf";
import { roleFor } from "@/lib/session/permissions";
import type { DestinationPath } from "./navigation";

const needs: Record<DestinationPath, DescMethod> = {
  "": SystemService.method.getSystemStatus,
  reviews: ReviewService.method.listReviews,
  calendar: CalendarService.method.listCalendar,
  campaigns: CampaignService.method.listCampaigns,
  posts: PostService.method.listPosts,
  agents: AgentService.method.listAgents,
  budgets: CampaignService.method.listCampaigns,
  policies: PolicyService.method.getPolicy,
  audit: AuditService.method.listAuditEntries,
  "dead-letters": DeadLetterService.method.getDeadLetter,
  members: MemberService.method.listMembers,
  system: SystemService.method.getSystemStatus,
};

/**
 * The weakest role for each page, read off the schema on the server: the frame would have to load every service's
 * descriptor to know it.
 */
export const destinationRoles = (): Record<DestinationPath, number> =>
  Object.fromEntries(Object.entries(needs).map(([path, method]) => [path, roleFor(method)])) as Record<DestinationPath, number>;
