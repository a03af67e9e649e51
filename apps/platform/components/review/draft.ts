"use client";
import * as z from "zod/mini";
import type { Edit } from "@/components/post-preview/payload";

const schema = z.object({ text: z.string(), warning: z.string(), alts: z.array(z.string()) });
const key = (tenant: string, reviewId: string) => `chimera-edit/${tenant}/${reviewId}`;

// A reviewer's unsent edit survives a reload, a lost session and somebody else's faster decision. This tab only.

export function loadDraft(tenant: string, reviewId: string): Edit | undefined {
  if (typeof window === "undefined") return undefined;
  const saved = sessionStorage.getItem(key(tenant, reviewId));
  if (!saved) return undefined;
  try {
    return schema.safeParse(JSON.parse(saved)).data;
  } catch {
    return undefined;
  }
}

export const saveDraft = (tenant: string, reviewId: string, edit: Edit) => sessionStorage.setItem(key(tenant, reviewId), JSON.stringify(edit));
export const dropDraft = (tenant: string, reviewId: string) => sessionStorage.removeItem(key(tenant, reviewId));
