import { createLoader } from "nuqs/server";
import { z } from "zod";
import { zodParam } from "@/lib/url/params";

export const auditViews = ["entries", "security"] as const;

// As the request bounds them.
export const actionSchema = z.string().trim().regex(/^[a-z_]+\.[a-z_]+$/, "An action is two words with a dot, such as review.approved.").max(80);
export const objectSchema = z.string().trim().min(1).max(200, "At most 200 characters.");
export const requestSchema = z.string().trim().min(1).max(64, "At most 64 characters.");

/** ?view= is the chain or the security events; ?action= ?object= ?request= filter the chain by equality. */
export const auditParams = {
  view: zodParam(z.enum(auditViews)).withDefault("entries"),
  action: zodParam(actionSchema),
  object: zodParam(objectSchema),
  request: zodParam(requestSchema),
};

export const loadAuditParams = createLoader(auditParams);

export type AuditFilter = { action: string | null; object: string | null; request: string | null };

export const auditInput = (f: AuditFilter) => ({ pageSize: 50, action: f.action ?? "", objectId: f.object ?? "", requestId: f.request ?? "" });

export const securityInput = { pageSize: 50 };
