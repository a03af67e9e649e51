"use client";
import { AgentService } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { useMutation } from "@connectrpc/connect-query";
import { zodResolver } from "@hookform/resolvers/zod";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { FormProvider, useForm } from "react-hook-form";
import { toast } from "@/components/toast/toast";
import { z } from "zod";
import { Empty } from "@/components/panel/empty";
import { Page } from "@/components/panel/page";
import { Panel } from "@/components/panel/panel";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { useRefresh } from "@/lib/rpc/use-refresh";
import { useTenantPath } from "@/lib/session/tenant";
import { useSession } from "@/lib/session/use-session";
import { PersonaFields } from "./persona-fields";
import { emptyPersona, personaSchema } from "./persona-schema";

const schema = z.object({ name: z.string().trim().min(1, "Give it a name.").max(120, "At most 120 characters."), persona: personaSchema });

export function NewAgent() {
  const router = useRouter();
  const path = useTenantPath();
  const refresh = useRefresh();
  const { may } = useSession();
  // One key for this form: pressing twice, or again after a lost answer, makes one agent.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const form = useForm<z.input<typeof schema>, unknown, z.output<typeof schema>>({ resolver: zodResolver(schema), defaultValues: { name: "", persona: emptyPersona } });
  const create = useMutation(AgentService.method.createAgent, {
    onSuccess: ({ agent }) => {
      toast.success(`${agent?.name ?? "The agent"} is made. Connect an account next.`);
      refresh(AgentService);
      router.push(path(agent ? `agents/${agent.id}` : "agents"));
    },
  });
  if (!may(AgentService.method.createAgent)) return <Empty title="Your role cannot make agents">Ask an operator or an administrator of this tenant.</Empty>;
  const submit = form.handleSubmit((v) => create.mutate({ ...v, idempotencyKey }));
  return (
    <Page title="New agent" facts="An agent has one persona and speaks through the accounts connected to it.">
      <Panel className="max-w-3xl">
        <FormProvider {...form}>
          <form onSubmit={submit} className="grid gap-4 p-4" noValidate>
            <Field label="Name" error={form.formState.errors.name?.message}>{(ids) => <Input {...ids} autoComplete="off" {...form.register("name")} />}</Field>
            <PersonaFields />
            {create.error ? <ProblemNotice error={create.error} /> : null}
            <div className="flex justify-end gap-2">
              <Button onClick={() => router.push(path("agents"))}>Back</Button>
              <Button type="submit" variant="primary" disabled={create.isPending}>Make the agent</Button>
            </div>
          </form>
        </FormProvider>
      </Panel>
    </Page>
  );
}
