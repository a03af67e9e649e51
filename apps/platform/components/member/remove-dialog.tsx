"use client";
import { MemberService, type Member } from "@chimera/gen/chimera/platform/v1/member_service_pb";
import { useMutation } from "@connectrpc/connect-query";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { toast } from "@/components/toast/toast";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { useRefresh } from "@/lib/rpc/use-refresh";

export function RemoveDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const refresh = useRefresh();
  const name = member.name || member.email || member.subject;
  const remove = useMutation(MemberService.method.removeMember, {
    onSuccess: () => {
      toast.success(`${name} is no member any more.`);
      onClose();
    },
    onSettled: () => refresh(MemberService),
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={`Remove ${name}`} description="With their next request they see nothing of this tenant. What they did stays in the audit chain under their name.">
        <div className="grid gap-3">
          {remove.error ? <ProblemNotice error={remove.error} /> : null}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Keep them</Button>
            <Button variant="danger" disabled={remove.isPending} onClick={() => remove.mutate({ subject: member.subject })}>Remove</Button>
          </div>
        </div>
      </DialogContent>
    </Dialog>
  );
}
