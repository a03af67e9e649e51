"use client";
import { useMutation } from "@connectrpc/connect-query";
import { CampaignService, type Playbook } from "@chimera/gen/chimera/platform/v1/campaign_service_pb";
import { zodResolver } from "@hookform/resolvers/zod";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useRef } from "react";
import { useForm, useWatch } from "react-hook-form";
import { toast } from "@/components/toast/toast";
import { Panel } from "@/components/panel/panel";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { Button } from "@/components/ui/button";
import { Field, Input, Select, Textarea } from "@/components/ui/field";
import { useAgents } from "@/lib/fleet/use-fleet";
import { useRefresh } from "@/lib/rpc/use-refresh";
import { violationsOf } from "@/lib/rpc/violations";
import { useTenant, useTenantPath } from "@/lib/session/tenant";
import { AccountPicker } from "./account-picker";
import { dropDraft, useDraft } from "./campaign-draft";
import { campaignSchema, emptyCampaign, fieldOf, type CampaignFields, type CampaignRequest } from "./campaign-schema";
import { DurationField } from "./duration-field";
import { FormSection } from "./form-section";
import { PlanPreview } from "./plan-preview";

export function CampaignForm({ playbooks }: { playbooks: Playbook[] }) {
  const path = useTenantPath();
  const agents = useAgents();
  const form = useForm<CampaignFields, unknown, CampaignRequest>({
    resolver: zodResolver(campaignSchema),
    defaultValues: { ...emptyCampaign, playbook: playbooks[0]?.name ?? "" },
  });
  const { register, control, setValue, formState: { errors } } = form;
  const fields = useWatch({ control, compute: (v: CampaignFields) => v });
  const clear = useDraft(form, playbooks[0]?.name ?? "");
  const create = useCreate((refused) => {
    for (const { field, message } of refused) form.setError(field, { message: `${message.slice(0, 1).toUpperCase()}${message.slice(1)}.` }, { shouldFocus: field === refused[0]?.field });
  });
  const submit = form.handleSubmit((fields) => create.send(fields, true));
  const keep = form.handleSubmit((fields) => create.send(fields, false));
  const playbook = playbooks.find((p) => p.name === fields.playbook);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 xl:grid-cols-[minmax(0,48rem)_minmax(20rem,26rem)]">
      <Panel>
        <form onSubmit={submit} className="grid gap-6 p-3 sm:p-4" noValidate>
          <FormSection title="What for">
            <Field label="Name" error={errors.name?.message}>{(ids) => <Input {...ids} autoComplete="off" {...register("name")} />}</Field>
            <Field label="Goal" hint="In your words. It goes to the drafting step as it stands, and is what the agent looks up in its memory." error={errors.goal?.message}>
              {(ids) => <Textarea {...ids} rows={4} {...register("goal")} />}
            </Field>
          </FormSection>
          <FormSection title="Who">
            <Field label="Agent" hint="Its persona sets voice, language and what is never said." error={errors.agentId?.message}>
              {(ids) => (
                <Select {...ids} {...register("agentId", { onChange: () => setValue("accountIds", []) })}>
                  <option value="">Choose…</option>
                  {[...agents.values()].map((a) => <option key={a.id} value={a.id}>{a.name}</option>)}
                </Select>
              )}
            </Field>
            <AccountPicker agentId={fields.agentId} error={errors.accountIds?.message} register={register("accountIds")} />
          </FormSection>
          <FormSection title="How">
            <Field label="Playbook" hint="The steps a plan is made of." error={errors.playbook?.message}>
              {(ids) => <Select {...ids} {...register("playbook")}>{playbooks.map((p) => <option key={p.name} value={p.name}>{p.title || p.name}</option>)}</Select>}
            </Field>
            {playbook?.description ? <p className="text-muted">{playbook.description}</p> : null}
          </FormSection>
          <FormSection title="From what">
            <Field label="Feeds" hint="RSS or Atom addresses, one a line, at most 20. Trends are taken from them; their text counts as outside text." error={errors.feeds?.message}>
              {(ids) => <Textarea {...ids} rows={3} className="font-mono text-xs" spellCheck={false} placeholder="https://example.org/feed.xml" {...register("feeds")} />}
            </Field>
            <label className="flex items-center gap-2"><input type="checkbox" className="size-4 accent-(--accent)" {...register("hackerNews")} />Also take trends from Hacker News</label>
            <Field label="Keywords" hint="A trend must hold one of them. Comma or line between them; empty takes every trend." error={errors.keywords?.message}>
              {(ids) => <Textarea {...ids} rows={2} className="min-h-14" {...register("keywords")} />}
            </Field>
          </FormSection>
          <FormSection title="When and how much">
            <div className="grid gap-3 sm:grid-cols-2">
              <DurationField label="Worth publishing for" hint="After this the proposal expires. Empty means 24 hours." amount={register("slot.amount")} unit={register("slot.unit")} error={durationError(errors.slot)} />
              <DurationField label="First metrics after" hint="The wait after publishing. Empty means 10 seconds." amount={register("metricsAfter.amount")} unit={register("metricsAfter.unit")} error={durationError(errors.metricsAfter)} />
            </div>
            <Field label="Budget" hint="In the tenant's currency, for the whole campaign. 0 means nothing may cost: only free tools and models are used." error={errors.budget?.message}>
              {(ids) => <Input {...ids} inputMode="decimal" autoComplete="off" className="sm:w-40" {...register("budget")} />}
            </Field>
          </FormSection>
          {create.error ? <ProblemNotice error={create.error} /> : null}
          <div className="flex flex-wrap items-center justify-end gap-2">
            <p className="min-w-40 flex-1 text-xs text-muted">What you type is kept in this tab until it is sent.</p>
            {form.formState.isDirty ? <Button variant="ghost" onClick={clear}>Start over</Button> : null}
            <Button asChild><Link href={path("campaigns")}>Back</Link></Button>
            <Button disabled={create.isPending} onClick={keep}>Create only</Button>
            <Button type="submit" variant="primary" disabled={create.isPending}>{create.isPending ? "Creating…" : "Create and start"}</Button>
          </div>
        </form>
      </Panel>
      <PlanPreview fields={fields} playbook={playbook} />
    </div>
  );
}

const durationError = (error: { message?: string; amount?: { message?: string } } | undefined) => error?.amount?.message ?? error?.message;

/** Sends the campaign; the same fields sent again carry the same key, so a lost answer never makes two of it. */
function useCreate(onRefused: (refused: { field: keyof CampaignFields; message: string }[]) => void) {
  const tenant = useTenant();
  const path = useTenantPath();
  const router = useRouter();
  const refresh = useRefresh();
  const sent = useRef({ body: "", key: "" });
  const { mutate, error, isPending } = useMutation(CampaignService.method.createCampaign, {
    onError: (e) => onRefused(violationsOf(e).flatMap(({ path: at, message }) => {
      const field = fieldOf(at);
      return field ? [{ field, message }] : [];
    })),
    onSuccess: ({ campaign }, { start }) => {
      dropDraft(tenant);
      toast.success(start ? "Created and started." : "Created. Start it when you are ready.");
      refresh(CampaignService);
      router.push(path(campaign ? `campaigns/${campaign.id}` : "campaigns"));
    },
  });
  const send = ({ feeds, keywords, hackerNews, slot, metricsAfter, budget, ...rest }: CampaignRequest, start: boolean) => {
    const request = { ...rest, start, parameters: { feeds, keywords, hackerNews, slot, metricsAfter, budgetMicros: budget } };
    const body = JSON.stringify(request, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
    if (body !== sent.current.body) sent.current = { body, key: crypto.randomUUID() };
    mutate({ ...request, idempotencyKey: sent.current.key });
  };
  return { send, error, isPending };
}
