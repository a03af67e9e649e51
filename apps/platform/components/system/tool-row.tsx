"use client";
import { ToolService, type Tool } from "@chimera/gen/chimera/platform/v1/tool_service_pb";
import { Id } from "@/components/panel/copy-button";
import { RelativeTime } from "@/components/panel/relative-time";
import { StateBadge } from "@/components/state/state-badge";
import type { Look } from "@/components/state/look";
import { Button } from "@/components/ui/button";
import { Badge } from "@/components/ui/small";
import { useSession } from "@/lib/session/use-session";

export function ToolRow({ tool, onAccept }: { tool: Tool; onAccept: () => void }) {
  const { may } = useSession();
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
      <span className="min-w-0 flex-1 basis-64">
        <span className="font-medium">{tool.name}</span> <span className="text-muted">{tool.version}</span>
        <span className="flex flex-wrap items-center gap-x-2 text-xs text-muted">
          {tool.seenDigest ? <span>seen <Id value={tool.seenDigest} label="digest seen" /></span> : null}
          {tool.pinnedDigest ? <span>accepted <Id value={tool.pinnedDigest} label="digest accepted" />{tool.pinnedBy ? ` by ${tool.pinnedByName || tool.pinnedBy}` : ""}</span> : null}
          <span>seen <RelativeTime at={tool.seenAt} /></span>
        </span>
      </span>
      {tool.heldTasks > 0 ? <Badge tone="wait">{tool.heldTasks} {tool.heldTasks === 1 ? "task waits" : "tasks wait"}</Badge> : null}
      <Badge tone={tool.readOnly ? "off" : "active"}>{tool.readOnly ? "reads only" : "acts outward"}</Badge>
      <StateBadge look={lookOf(tool)} />
      {tool.changed ? (may(ToolService.method.acceptTool) ? <Button size="sm" variant="primary" onClick={onAccept}>Compare…</Button> : <span className="text-xs text-muted">An administrator can accept it.</span>) : null}
    </li>
  );
}

function lookOf(tool: Tool): Look {
  if (tool.changed) return { label: "changed", tone: "bad" };
  return tool.pinnedDigest ? { label: "accepted", tone: "ok" } : { label: "not used yet", tone: "off" };
}
