"use client";
import { AccountHealth, AccountService, type Account } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import { useMutation } from "@connectrpc/connect-query";
import { toast } from "@/components/toast/toast";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { useRefresh } from "@/lib/rpc/use-refresh";

/** Takes an account out of use, or back: asked once more, since a running campaign feels it at once. */
export function DisableDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const refresh = useRefresh();
  const disabled = account.health !== AccountHealth.DISABLED;
  const set = useMutation(AccountService.method.setAccountDisabled, {
    onSuccess: () => {
      toast.success(`${account.handle} is ${disabled ? "disabled" : "in use again"}.`);
      onClose();
    },
    onSettled: () => refresh(AccountService),
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={`${disabled ? "Disable" : "Enable"} ${account.handle}?`} description={disabled ? "Nothing is published through it until it is enabled again. Its secret stays sealed." : "Campaigns that use it may publish through it again."}>
        <div className="grid gap-3">
          {set.error ? <ProblemNotice error={set.error} /> : null}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Back</Button>
            <Button variant={disabled ? "danger" : "primary"} disabled={set.isPending} onClick={() => set.mutate({ accountId: account.id, stateVersion: account.stateVersion, disabled })}>{disabled ? "Disable" : "Enable"}</Button>
          </div>
        </div>
      </DialogContent>
    </Dialog>
  );
}
