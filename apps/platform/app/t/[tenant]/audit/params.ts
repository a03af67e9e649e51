import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { createLoader } from "nuqs/server";
import * as z from "zod/mini";
import { AuditOutcome } from "@chimera/gen/chimera/platform/v1/audit_service_pb";
import { addDays } from "@/lib/time/days";
import { zodParam } from "@/lib/url/params";

export const auditViews = ["entries", "security"] as const;
export const outcomeChoices = ["done", "failed", "refused", "unknown"] as const;
export type OutcomeChoice = (typeof outcomeChoices)[number];

const outcomeOf: Record<OutcomeChoice, AuditOutcome> = {
  done: AuditOutcome.DONE, failed: AuditOutcome.FAILED, refused: AuditOutcome.REFUSED, unknown: AuditOutcome.UNKNOWN,
};

// As the request bounds them.
export const actionSchema = z.string().check(z.trim(), z.regex(/^[a-z_]+\.[a-z_]*$/, "An action is two words with a dot, such as review.approved; “review.” takes all of its kind."), z.maxLength(80));
export const idSchema = z.string().check(z.trim(), z.minLength(1), z.maxLength(200, "At most 200 characters."));
export const requestSchema = z.string().check(z.trim(), z.minLength(1), z.maxLength(64, "At most 64 characters."));

/** ?view= is the chain or the blocked attempts; the rest filters the chain. ?since= and ?until= are days in UTC, both included. */
export const auditParams = {
  view: zodParam(z.enum(auditViews)).withDefault("entries"),
  query: zodParam(idSchema),
  actor: zodParam(idSchema),
  action: zodParam(actionSchema),
  kind: zodParam(z.string().check(z.regex(/^[a-z_]{1,80}$/))),
  outcome: zodParam(z.enum(outcomeChoices)),
  object: zodParam(idSchema),
  request: zodParam(requestSchema),
  since: zodParam(z.iso.date()),
  until: zodParam(z.iso.date()),
};

export const loadAuditParams = createLoader(auditParams);

export const filterKeys = ["query", "actor", "action", "kind", "outcome", "object", "request", "since", "until"] as const;
export type FilterKey = (typeof filterKeys)[number];
export type AuditFilter = { [K in FilterKey]: K extends "outcome" ? OutcomeChoice | null : string | null };

export const noFilter: AuditFilter = { query: null, actor: null, action: null, kind: null, outcome: null, object: null, request: null, since: null, until: null };

/** The filter as the API takes it, for lists and exports alike. */
export const filterInput = (f: AuditFilter) => ({
  query: f.query ?? "", actor: f.actor ?? "", action: f.action ?? "", objectKind: f.kind ?? "", objectId: f.object ?? "", requestId: f.request ?? "",
  outcome: f.outcome ? outcomeOf[f.outcome] : AuditOutcome.UNSPECIFIED,
  ...(f.since ? { since: timestampFromMs(Date.parse(f.since)) } : {}),
  ...(f.until ? { until: timestampFromMs(Date.parse(addDays(f.until, 1))) } : {}),
});

export const auditInput = (f: AuditFilter) => ({ pageSize: 50, ...filterInput(f) });

export const securityInput = { pageSize: 50 };
