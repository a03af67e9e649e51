"use client";
import { AccountService } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import { useMutation } from "@connectrpc/connect-query";
import { zodResolver } from "@hookform/resolvers/zod";
import { useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import { toast } from "@/components/toast/toast";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field, Input, Select } from "@/components/ui/field";
import { useRefresh } from "@/lib/rpc/use-refresh";
import { connectSchema, platformHints, type Connection } from "./account-schema";
import { SecretField } from "./secret-field";

export function ConnectDialog({ agentId, agentName, onClose }: { agentId: string; agentName: string; onClose: () => void }) {
  const refresh = useRefresh();
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const form = useForm<Connection>({ resolver: zodResolver(connectSchema), defaultValues: { platform: "bluesky", handle: "", baseUrl: "", secret: "" } });
  const hints = platformHints[useWatch({ control: form.control, name: "platform" })];
  const errors = form.formState.errors;
  // gcTime 0: the variables hold the secret, and nothing may keep it longer than the call.
  const connect = useMutation(AccountService.method.connectAccount, {
    gcTime: 0,
    onSuccess: ({ account }) => {
      toast.success(`${account?.handle ?? "The account"} is connected.`);
      onClose();
    },
    onSettled: () => refresh(AccountService),
  });
  const submit = form.handleSubmit((v) => connect.mutate({ ...v, handle: v.handle.trim(), agentId, idempotencyKey }));
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title="Connect an account" description={`${agentName} will publish through it, each post with a person's approval where the rules ask for one.`}>
        <form onSubmit={submit} className="grid gap-3" noValidate autoComplete="off">
          <Field label="Platform" error={errors.platform?.message}>{(ids) => <Select {...ids} {...form.register("platform")}>{Object.entries(platformHints).map(([key, h]) => <option key={key} value={key}>{h.name}</option>)}</Select>}</Field>
          <Field label="Handle" error={errors.handle?.message}>{(ids) => <Input {...ids} autoComplete="off" autoCapitalize="none" spellCheck={false} placeholder={hints.handle} {...form.register("handle")} />}</Field>
          <Field label="Server" error={errors.baseUrl?.message}>{(ids) => <Input {...ids} type="url" inputMode="url" autoComplete="off" placeholder={hints.baseUrl} {...form.register("baseUrl")} />}</Field>
          <SecretField hint={hints.secret} error={errors.secret?.message} field={form.register("secret")} />
          {connect.error ? <ProblemNotice error={connect.error} /> : null}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Back</Button>
            <Button type="submit" variant="primary" disabled={connect.isPending}>Connect</Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  );
}
