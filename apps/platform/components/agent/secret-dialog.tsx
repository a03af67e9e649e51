"use client";
import { AccountService, type Account } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import { useMutation } from "@connectrpc/connect-query";
import { zodResolver } from "@hookform/resolvers/zod";
import { useForm } from "react-hook-form";
import { toast } from "@/components/toast/toast";
import { z } from "zod";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { useRefresh } from "@/lib/rpc/use-refresh";
import { connectSchema, platformHints, secretSchema } from "./account-schema";
import { SecretField } from "./secret-field";

const schema = z.object({ secret: secretSchema });

export function SecretDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const refresh = useRefresh();
  const form = useForm<z.input<typeof schema>>({ resolver: zodResolver(schema), defaultValues: { secret: "" } });
  const platform = connectSchema.shape.platform.safeParse(account.platform).data;
  const replace = useMutation(AccountService.method.replaceSecret, {
    gcTime: 0,
    onSuccess: () => {
      toast.success(`${account.handle} has its new secret.`);
      onClose();
    },
    onSettled: () => refresh(AccountService),
  });
  const submit = form.handleSubmit((v) => replace.mutate({ accountId: account.id, stateVersion: account.stateVersion, secret: v.secret }));
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={`Replace the secret of ${account.handle}`} description="The old one is thrown away, and the account counts as healthy until the platform says otherwise.">
        <form onSubmit={submit} className="grid gap-3" noValidate autoComplete="off">
          <SecretField hint={platform ? platformHints[platform].secret : "As the platform gave it."} error={form.formState.errors.secret?.message} field={form.register("secret")} />
          {replace.error ? <ProblemNotice error={replace.error} /> : null}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Back</Button>
            <Button type="submit" variant="primary" disabled={replace.isPending}>Replace</Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  );
}
