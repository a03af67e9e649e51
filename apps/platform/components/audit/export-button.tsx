"use client";
import { createClient } from "@connectrpc/connect";
import { useTransport } from "@connectrpc/connect-query";
import { AuditService } from "@chimera/gen/chimera/platform/v1/audit_service_pb";
import { Download } from "lucide-react";
import { useState } from "react";
import { filterInput, type AuditFilter } from "@/app/t/[tenant]/audit/params";
import { toast } from "@/components/toast/toast";
import { Button } from "@/components/ui/button";
import { problemOf } from "@/lib/rpc/errors";
import { useTenant } from "@/lib/session/tenant";
import { utcToday } from "@/lib/time/days";

/** 100,000 entries take their time. Milliseconds. */
const EXPORT_MS = 300_000;

/** Saves what the filters leave as JSON lines, through our own origin like every call. */
export function ExportButton({ filter }: { filter: AuditFilter }) {
  const tenant = useTenant();
  const transport = useTransport();
  const [entries, setEntries] = useState<number>();
  async function save() {
    setEntries(0);
    try {
      const lines: BlobPart[] = [];
      let [count, cut] = [0, false];
      for await (const part of createClient(AuditService, transport).exportAudit(filterInput(filter), { timeoutMs: EXPORT_MS })) {
        lines.push(new Uint8Array(part.jsonLines));
        count = Number(part.entries);
        cut ||= part.truncated;
        setEntries(count);
      }
      download(new Blob(lines, { type: "application/jsonl" }), `audit-${tenant}-${utcToday()}.jsonl`);
      const told = `${count.toLocaleString("en")} entries saved.`;
      if (cut) toast.error(`${told} There are more: narrow the days to get the rest.`);
      else toast.success(told);
    } catch (error) {
      const { title, detail, advice } = problemOf(error);
      toast.error(title, { description: `${detail ?? ""} ${advice}`.trim() });
    } finally {
      setEntries(undefined);
    }
  }
  return <Button disabled={entries !== undefined} onClick={() => void save()}><Download aria-hidden />{entries === undefined ? "Export" : `${entries.toLocaleString("en")} entries…`}</Button>;
}

function download(blob: Blob, name: string) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken its copy by the next task.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
