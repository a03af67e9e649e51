import type { AuditEntry } from "@chimera/gen/chimera/platform/v1/audit_service_pb";

// The verb of each action, standing between the actor and the object: "ada approved review …3f2a".
const verbs: Record<string, string> = {
  "tenant.created": "made the tenant",
  "member.set": "gave a role to",
  "member.removed": "took the membership of",
  "agent.created": "made",
  "persona.updated": "wrote a new persona for",
  "account.connected": "connected",
  "account.secret_replaced": "replaced the secret of",
  "account.disabled": "disabled",
  "account.enabled": "enabled",
  "account.credential_dead": "found the secret refused of",
  "policy.updated": "changed the",
  "campaign.created": "made",
  "campaign.updated": "changed",
  "campaign.started": "started",
  "campaign.paused": "paused",
  "campaign.resumed": "resumed",
  "campaign.cancelled": "cancelled",
  "campaign.completed": "completed",
  "campaign.failed": "marked as failed",
  "plan.written": "wrote a plan for",
  "post.published": "published",
  "task.approved": "accepted the result of",
  "task.rejected": "rejected the result of",
  "task.requires_human_review": "asked a person about the result of",
  "task.cancelled": "cancelled",
  "task.retried": "retried",
  "task.lease_lost": "lost the worker of",
  "task.expired": "let expire",
  "result.refused": "refused a late result for",
  "review.opened": "asked a person about",
  "review.claimed": "took in hand",
  "review.released": "gave back",
  "review.approved": "approved",
  "review.rejected": "rejected",
  "review.changes_requested": "asked for changes in",
  "review.expired": "let expire",
  "grant.issued": "signed",
  "grant.redeemed": "redeemed",
  "effect.prepared": "prepared",
  "effect.prepared_again": "prepared again",
  "effect.confirmed": "confirmed",
  "effect.failed": "saw fail",
  "effect.unknown": "lost sight of",
  "effect.lookup": "looked on the platform for",
  "effect.parked": "parked for a person",
  "effect.resolved_by_hand": "settled by hand",
  "stop.pressed": "pressed",
  "stop.quiet": "saw the last call end under",
  "stop.released": "released",
  "tool.accepted": "accepted",
  "dead_letter.kept": "kept",
  "dead_letter.replayed": "replayed",
  "dead_letter.discarded": "discarded",
};

/** Actions to offer while typing; any other can be typed too. */
export const knownActions = Object.keys(verbs);

/** Kinds of objects to choose from. */
export const knownKinds = ["account", "agent", "campaign", "dead_letter", "effect", "grant", "member", "policy", "post", "review", "stop", "task", "tenant", "tool"] as const;

/** Where the entry's object is shown, inside the tenant; undefined where it has no page. */
export function pageOf({ objectType, objectId }: AuditEntry): string | undefined {
  switch (objectType) {
    case "campaign": return `campaigns/${objectId}`;
    case "agent": return `agents/${objectId}`;
    case "post": return `posts/${objectId}`;
    case "review": return `reviews?item=${objectId}`;
    case "dead_letter": return `dead-letters?letter=${objectId}`;
    case "policy": return "policies";
    case "tool": case "stop": return "system";
    case "member": return "members";
    default: return undefined;
  }
}

/** "approved" for "review.approved". An action without words of its own is quoted: recorded “task succeeded” for. */
export const verbOf = (action: string) => verbs[action] ?? `recorded “${action.replaceAll(/[._]/g, " ")}” for`;

/** "dead letter" for "dead_letter". */
export const objectName = (type: string) => type.replaceAll("_", " ");

/** What people wrote for the record, and what came of it: shown in the line itself, the rest on opening. */
export function wordsOf(entry: AuditEntry): string | undefined {
  const detail = detailOf(entry);
  for (const key of ["rationale", "reason", "words", "note"]) {
    const value = detail?.[key];
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
}

/** The entry's detail as an object, or undefined where it is none. */
export function detailOf(entry: AuditEntry): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(entry.detailJson || "null");
    return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
