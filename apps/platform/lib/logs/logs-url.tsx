"use client";
import { createContext, useContext, type ReactNode } from "react";
import { REQUEST_ID_PATTERN } from "@/lib/rpc/headers";

const Template = createContext("");

/** Where logs are read by request id (R14.4); "" where nobody said. */
export function LogsUrl({ template, children }: { template: string; children: ReactNode }) {
  return <Template value={template}>{children}</Template>;
}

/** The address of a request's logs, or undefined without a place to read them. */
export function useLogsUrl(requestId: string): string | undefined {
  const template = useContext(Template);
  if (!template || !REQUEST_ID_PATTERN.test(requestId)) return undefined;
  return template.replace("{request_id}", encodeURIComponent(requestId));
}
