"use client";
import { PolicyService, type Policy } from "@chimera/gen/chimera/platform/v1/policy_service_pb";
import { useMutation } from "@connectrpc/connect-query";
import { zodResolver } from "@hookform/resolvers/zod";
import { useForm, type FieldError } from "react-hook-form";
import { toast } from "@/components/toast/toast";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { Button } from "@/components/ui/button";
import { Field, Input, Textarea } from "@/components/ui/field";
import { useRefresh } from "@/lib/rpc/use-refresh";
import { OvertakenNotice } from "./overtaken-notice";
import { inputOf, messageOf, policySchema, type PolicyInput, type PolicyOutput } from "./policy-schema";

type Props = {
  /** The policy the change is made from. */
  base: Policy;
  /** The one in force now. */
  current: Policy;
  /** Begins again from the one in force. */
  onRebase: () => void;
  onClose: () => void;
};

/** Writes the next policy version. When somebody was faster, their change is shown beside what was typed. */
export function PolicyEditor({ base, current, onRebase, onClose }: Props) {
  const refresh = useRefresh();
  const form = useForm<PolicyInput, unknown, PolicyOutput>({ resolver: zodResolver(policySchema), defaultValues: inputOf(base) });
  const errors = form.formState.errors;
  const update = useMutation(PolicyService.method.updatePolicy, {
    onSuccess: (r) => {
      toast.success(`Policy version ${r.policy?.version ?? ""} is in force.`);
      onClose();
    },
    onSettled: () => refresh(PolicyService),
  });
  const overtaken = current.version !== base.version;
  const submit = form.handleSubmit((v) => update.mutate({ baseVersion: base.version, policy: messageOf(v) }));
  return (
    <form onSubmit={submit} className="grid gap-4 p-3" noValidate>
      {overtaken ? <OvertakenNotice base={base} current={current} onRebase={onRebase} /> : null}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Confidence threshold, in percent" hint="Below it a result goes to a person whatever else holds." error={errors.thresholdPercent?.message}>{(ids) => <Input {...ids} inputMode="decimal" autoComplete="off" {...form.register("thresholdPercent")} />}</Field>
        <Field label="Most posts of an account in 24 hours" hint="0 leaves it to the platform's own limit." error={errors.maxPostsPerDay?.message}>{(ids) => <Input {...ids} inputMode="numeric" autoComplete="off" {...form.register("maxPostsPerDay")} />}</Field>
        <Field label="Banned terms" hint="One a line, at most 1,000." error={wordsOf(errors.bannedTerms)}>{(ids) => <Textarea {...ids} rows={12} spellCheck={false} {...form.register("bannedTerms")} />}</Field>
        <Field label="Sensitive terms" hint="One a line. An item with one of them is high-risk: politics, legal, financial, health." error={wordsOf(errors.sensitiveTerms)}>{(ids) => <Textarea {...ids} rows={12} spellCheck={false} {...form.register("sensitiveTerms")} />}</Field>
      </div>
      {update.error ? <ProblemNotice error={update.error} /> : null}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Leave it</Button>
        <Button type="submit" variant="primary" disabled={update.isPending || overtaken || !form.formState.isDirty}>Put version {base.version + 1} in force</Button>
      </div>
    </form>
  );
}

/** A list's error stands at the list or at one of its items. */
function wordsOf(error: unknown): string | undefined {
  if (Array.isArray(error)) return (error.find(Boolean) as FieldError | undefined)?.message;
  return (error as FieldError | undefined)?.message;
}
