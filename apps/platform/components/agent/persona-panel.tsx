"use client";
import { AgentService, type Agent } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { Pencil } from "lucide-react";
import { useState } from "react";
import { Empty } from "@/components/panel/empty";
import { Panel } from "@/components/panel/panel";
import { Button } from "@/components/ui/button";
import { useSession } from "@/lib/session/use-session";
import { PersonaEditor } from "./persona-editor";
import { PersonaText } from "./persona-text";

export function PersonaPanel({ agent }: { agent: Agent }) {
  const { may } = useSession();
  // The agent as it was when editing began: a change by somebody else must be refused, not silently overwritten.
  const [edited, setEdited] = useState<Agent>();
  const edit = may(AgentService.method.updatePersona) && !edited ? <Button size="sm" onClick={() => setEdited(agent)}><Pencil aria-hidden />Edit</Button> : null;
  return (
    <Panel title={`Persona, version ${agent.personaVersion}`} aside={edit}>
      {edited ? <PersonaEditor key={edited.stateVersion.toString()} agent={edited} current={agent} onRebase={() => setEdited(agent)} onClose={() => setEdited(undefined)} />
        : agent.persona ? <PersonaText persona={agent.persona} /> : <Empty title="No persona">Edit it to write one.</Empty>}
    </Panel>
  );
}
