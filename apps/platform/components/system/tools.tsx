"use client";
import { ToolService, type Tool } from "@chimera/gen/chimera/platform/v1/tool_service_pb";
import { useQuery } from "@connectrpc/connect-query";
import { useQueryStates } from "nuqs";
import { useState } from "react";
import { systemParams, toolChoices } from "@/app/t/[tenant]/system/params";
import { Empty } from "@/components/panel/empty";
import { Loaded, Skeletons } from "@/components/panel/loaded";
import { Panel } from "@/components/panel/panel";
import { AcceptDialog } from "./accept-dialog";
import { Choices } from "./choices";
import { ToolRow } from "./tool-row";

/** The tools the workers see, with what the tenant pinned (R8.4); changed ones first. */
export function Tools() {
  const [url, setUrl] = useQueryStates(systemParams);
  const query = useQuery(ToolService.method.listTools, {});
  const [accepting, setAccepting] = useState<Tool>();
  return (
    <Panel title="Skills' tools" aside={<Choices label="Tools" choices={toolChoices} words={{ all: "All", changed: "Changed" }} value={url.tools} onChange={(tools) => void setUrl({ tools })} />}>
      <Loaded query={query} skeleton={<Skeletons rows={5} />}>
        {(data) => {
          const tools = data.tools.filter((t) => url.tools === "all" || t.changed).sort((a, b) => Number(b.changed) - Number(a.changed) || a.name.localeCompare(b.name));
          if (tools.length === 0) return url.tools === "changed" ? <Empty title="No tool changed">A tool whose description differs from the one accepted waits here.</Empty> : <Empty title="No tool seen yet">Start a worker with its skills; their tools appear here.</Empty>;
          return <ul className="divide-y divide-line">{tools.map((t) => <ToolRow key={t.name} tool={t} onAccept={() => setAccepting(t)} />)}</ul>;
        }}
      </Loaded>
      {accepting ? <AcceptDialog tool={accepting} onClose={() => setAccepting(undefined)} /> : null}
    </Panel>
  );
}
