"use client";
import { StopService } from "@chimera/gen/chimera/platform/v1/stop_service_pb";
import { useMutation } from "@connectrpc/connect-query";
import { zodResolver } from "@hookform/resolvers/zod";
import { useForm, useWatch } from "react-hook-form";
import { toast } from "@/components/toast/toast";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field, Input, Select } from "@/components/ui/field";
import { useAccounts, useAgents, useCampaigns } from "@/lib/fleet/use-fleet";
import { useTenant } from "@/lib/session/tenant";
import { pressSchema, scopeOf, type Press } from "./stop-schema";
import { useStops } from "./use-stops";

export default function StopDialog({ onOpenChange }: { onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open onOpenChange={onOpenChange}>
      <DialogContent title="Press a stop switch" description="Nothing in its scope is dispatched or published any more, and calls under way are cancelled. An administrator releases it.">
        <PressForm onDone={() => onOpenChange(false)} />
      </DialogContent>
    </Dialog>
  );
}

function PressForm({ onDone }: { onDone: () => void }) {
  const tenant = useTenant();
  const stops = useStops();
  const choices = { agent: useAgents(), account: useAccounts(), campaign: useCampaigns() };
  const form = useForm<Press>({ resolver: zodResolver(pressSchema), defaultValues: { scope: "tenant", scopeId: "", reason: "", typed: "" } });
  const scope = useWatch({ control: form.control, name: "scope" });
  const press = useMutation(StopService.method.pressStop, {
    onSuccess: () => {
      toast.success("The stop is on.");
      void stops.refetch();
      onDone();
    },
  });
  const errors = form.formState.errors;
  const submit = form.handleSubmit((v) => press.mutate({ scope: scopeOf[v.scope], scopeId: v.scope === "tenant" ? "" : v.scopeId, reason: v.reason.trim() }));
  return (
    <form onSubmit={submit} className="grid gap-3" noValidate>
      <Field label="What stops">
        {(ids) => (
          <Select {...ids} {...form.register("scope", { onChange: () => form.setValue("scopeId", "") })}>
            <option value="tenant">Everything of {tenant}</option>
            <option value="agent">One agent</option>
            <option value="account">One account</option>
            <option value="campaign">One campaign</option>
          </Select>
        )}
      </Field>
      {scope === "tenant" ? null : (
        <Field label="Which one" error={errors.scopeId?.message}>
          {(ids) => (
            <Select {...ids} {...form.register("scopeId")}>
              <option value="">Choose…</option>
              {[...choices[scope].values()].map((o) => <option key={o.id} value={o.id}>{"handle" in o ? `${o.handle} (${o.platform})` : o.name}</option>)}
            </Select>
          )}
        </Field>
      )}
      <Field label="Why" error={errors.reason?.message}>{(ids) => <Input {...ids} autoComplete="off" {...form.register("reason")} />}</Field>
      <Field label={<>Type <strong>stop</strong> to confirm</>} error={errors.typed?.message}>{(ids) => <Input {...ids} autoComplete="off" autoCapitalize="none" {...form.register("typed")} />}</Field>
      {press.error ? <ProblemNotice error={press.error} /> : null}
      <div className="flex justify-end gap-2 pt-1">
        <Button onClick={onDone}>Keep running</Button>
        <Button type="submit" variant="stop" disabled={press.isPending}>{press.isPending ? "Stopping…" : "Stop now"}</Button>
      </div>
    </form>
  );
}
