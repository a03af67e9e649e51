"use client";
import { MemberService, type Member } from "@chimera/gen/chimera/platform/v1/member_service_pb";
import { Role, SessionService } from "@chimera/gen/chimera/platform/v1/session_service_pb";
import { useMutation } from "@connectrpc/connect-query";
import { zodResolver } from "@hookform/resolvers/zod";
import { useForm } from "react-hook-form";
import { z } from "zod";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { toast } from "@/components/toast/toast";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { useRefresh } from "@/lib/rpc/use-refresh";
import { roleWords } from "./roles";

const roles = roleWords.map((r) => String(r.role)) as [string, ...string[]];

const schema = z.object({
  subject: z.string().trim().min(1, "As the identity provider names them: the “sub” of their token.").max(200, "At most 200 characters."),
  email: z.literal("").or(z.email("An address such as ada@example.org.").max(320)),
  role: z.enum(roles, "Choose a role."),
});

/** Adds a member, or changes the role of one. */
export function MemberDialog({ member, onClose }: { member: Member | undefined; onClose: () => void }) {
  const refresh = useRefresh();
  const form = useForm<z.input<typeof schema>>({ resolver: zodResolver(schema), defaultValues: { subject: member?.subject ?? "", email: member?.email ?? "", role: String(member?.role ?? Role.VIEWER) } });
  const errors = form.formState.errors;
  const set = useMutation(MemberService.method.setMember, {
    onSuccess: () => {
      toast.success(member ? "The role is changed." : "Added.");
      onClose();
    },
    onSettled: () => refresh(MemberService, SessionService),
  });
  const submit = form.handleSubmit((v) => set.mutate({ subject: v.subject.trim(), email: v.email, role: Number(v.role) as Role }));
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={member ? `Role of ${member.name || member.email || member.subject}` : "Add a member"} description={member ? "It holds from their next request." : "They sign in with the identity provider; here they are given what they may do."}>
        <form onSubmit={submit} className="grid gap-3" noValidate>
          {member ? null : (
            <>
              <Field label="Subject" hint="Who they are at the identity provider." error={errors.subject?.message}>{(ids) => <Input {...ids} autoComplete="off" autoCapitalize="none" spellCheck={false} {...form.register("subject")} />}</Field>
              <Field label="E-mail" hint="For people to know them by; it grants nothing." error={errors.email?.message}>{(ids) => <Input {...ids} type="email" autoComplete="off" {...form.register("email")} />}</Field>
            </>
          )}
          <fieldset className="grid gap-1.5">
            <legend className="pb-1 font-medium">Role</legend>
            {roleWords.map((r) => (
              <label key={r.role} className="flex items-start gap-2 rounded-md border border-line p-2 hover:bg-hover has-checked:border-accent has-checked:bg-selected">
                <input type="radio" value={String(r.role)} className="mt-0.5 accent-(--accent)" {...form.register("role")} />
                <span><span className="font-medium">{r.name}</span> <span className="block text-xs text-muted">{r.may}</span></span>
              </label>
            ))}
          </fieldset>
          {set.error ? <ProblemNotice error={set.error} /> : null}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Back</Button>
            <Button type="submit" variant="primary" disabled={set.isPending}>{member ? "Change the role" : "Add"}</Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  );
}
