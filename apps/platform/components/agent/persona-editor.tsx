"use client";
import { AgentService, type Agent } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { useMutation } from "@connectrpc/connect-query";
import { zodResolver } from "@hookform/resolvers/zod";
import { FormProvider, useForm } from "react-hook-form";
import { toast } from "@/components/toast/toast";
import { z } from "zod";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { Button } from "@/components/ui/button";
import { useRefresh } from "@/lib/rpc/use-refresh";
import { PersonaFields } from "./persona-fields";
import { emptyPersona, inputOf, personaSchema } from "./persona-schema";

const schema = z.object({ persona: personaSchema });

type Props = {
  /** As it was when editing began. */
  agent: Agent;
  /** As it is now. */
  current: Agent;
  /** Begins again from what is now. */
  onRebase: () => void;
  onClose: () => void;
};

/** Writes the next version; running plans keep the one they started with. */
export function PersonaEditor({ agent, current, onRebase, onClose }: Props) {
  const refresh = useRefresh();
  const form = useForm<z.input<typeof schema>, unknown, z.output<typeof schema>>({ resolver: zodResolver(schema), defaultValues: { persona: agent.persona ? inputOf(agent.persona) : emptyPersona } });
  const update = useMutation(AgentService.method.updatePersona, {
    onSuccess: (r) => {
      toast.success(`Persona version ${r.agent?.personaVersion ?? ""} is in force for new plans.`);
      onClose();
    },
    onSettled: () => refresh(AgentService),
  });
  const overtaken = current.personaVersion !== agent.personaVersion;
  const submit = form.handleSubmit((v) => update.mutate({ agentId: agent.id, stateVersion: agent.stateVersion, persona: v.persona }));
  return (
    <FormProvider {...form}>
      <form onSubmit={submit} className="grid gap-3 p-3" noValidate>
        {overtaken ? (
          <div role="alert" className="flex flex-wrap items-center gap-2 rounded-md bg-wait-soft p-2.5 text-wait">
            <p className="min-w-0 flex-1 basis-56">Somebody wrote version {current.personaVersion} meanwhile. Your text is kept here, but it cannot be saved over theirs: compare under Versions.</p>
            <Button size="sm" onClick={onRebase}>Start from version {current.personaVersion}</Button>
          </div>
        ) : null}
        <PersonaFields />
        {update.error ? <ProblemNotice error={update.error} /> : null}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Leave it</Button>
          <Button type="submit" variant="primary" disabled={update.isPending || overtaken || !form.formState.isDirty}>Save version {agent.personaVersion + 1}</Button>
        </div>
      </form>
    </FormProvider>
  );
}
