"use client";
import { zodResolver } from "@hookform/resolvers/zod";
import { Search, SlidersHorizontal, X } from "lucide-react";
import { useId, useState } from "react";
import { useForm } from "react-hook-form";
import * as z from "zod/mini";
import { actionSchema, filterKeys, idSchema, noFilter, outcomeChoices, requestSchema, type AuditFilter, type FilterKey, type OutcomeChoice } from "@/app/t/[tenant]/audit/params";
import { Button } from "@/components/ui/button";
import { Field, Input, Select } from "@/components/ui/field";
import { actorWords } from "./actors";
import { ExportButton } from "./export-button";
import { knownActions, knownKinds, objectName } from "./sentences";

const none = z.literal("");
const day = z.union([none, z.iso.date("A day.")]);
const schema = z.object({ query: z.string().check(z.maxLength(200, "At most 200 characters.")), actor: z.union([none, idSchema]), action: z.union([none, actionSchema]), object: z.union([none, idSchema]), request: z.union([none, requestSchema]), since: day, until: day });

/** What is looked for most, one press each. */
const views: { label: string; filter: Partial<AuditFilter> }[] = [
  { label: "Decisions", filter: { action: "review." } },
  { label: "Outward actions", filter: { kind: "effect" } },
  { label: "Stop switch", filter: { action: "stop." } },
  { label: "Policy", filter: { action: "policy." } },
  { label: "Secrets and accounts", filter: { action: "account." } },
  { label: "Members", filter: { action: "member." } },
  { label: "Went wrong", filter: { outcome: "failed" } },
];

const names: Record<FilterKey, string> = { query: "words", actor: "by", action: "action", kind: "object", outcome: "outcome", object: "object id", request: "request", since: "from", until: "to" };

type Props = { filter: AuditFilter; onFilter: (next: AuditFilter) => void };

/** Each filter goes into the URL, and a change of the URL into the fields. */
export function Filters({ filter, onFilter }: Props) {
  const list = useId();
  const [more, setMore] = useState(false);
  const form = useForm<z.input<typeof schema>>({ resolver: zodResolver(schema), values: { query: filter.query ?? "", actor: filter.actor ?? "", action: filter.action ?? "", object: filter.object ?? "", request: filter.request ?? "", since: filter.since ?? "", until: filter.until ?? "" } });
  const errors = form.formState.errors;
  const set = (next: Partial<AuditFilter>) => onFilter({ ...filter, ...next });
  const submit = form.handleSubmit((v) => set(Object.fromEntries(Object.entries(v).map(([k, value]) => [k, value.trim() || null]))));
  const on = filterKeys.filter((k) => filter[k] !== null);
  return (
    <form onSubmit={submit} noValidate className="grid gap-2 border-b border-line p-2 sm:p-3">
      <div className="flex flex-wrap items-center gap-2">
        <div className="relative min-w-48 flex-1">
          <Search aria-hidden className="absolute top-1/2 left-2.5 size-3.5 -translate-y-1/2 text-muted" />
          <Input aria-label="Search" placeholder="Search in actions, people, ids and details" className="pl-8" {...form.register("query")} />
        </div>
        <Select aria-label="Object" className="w-36" value={filter.kind ?? ""} onChange={(e) => set({ kind: e.target.value || null })}>
          <option value="">Any object</option>
          {knownKinds.map((k) => <option key={k} value={k}>{objectName(k)}</option>)}
        </Select>
        <Select aria-label="Outcome" className="w-36" value={filter.outcome ?? ""} onChange={(e) => set({ outcome: (e.target.value || null) as OutcomeChoice | null })}>
          <option value="">Any outcome</option>
          {outcomeChoices.map((o) => <option key={o} value={o}>{o}</option>)}
        </Select>
        <Button aria-expanded={more} onClick={() => setMore(!more)}><SlidersHorizontal aria-hidden />More</Button>
        <ExportButton filter={filter} />
      </div>
      {more ? (
        <div className="grid items-start gap-2 rounded-md bg-sunken p-2 sm:grid-cols-3">
          <Field label="Action" error={errors.action?.message}>{(ids) => <Input {...ids} list={list} placeholder="review.approved" autoCapitalize="none" autoComplete="off" spellCheck={false} {...form.register("action")} />}</Field>
          <datalist id={list}>{knownActions.map((a) => <option key={a} value={a} />)}</datalist>
          <Field label="Actor" hint="A subject; service:* takes all services." error={errors.actor?.message}>{(ids) => <Input {...ids} autoComplete="off" spellCheck={false} {...form.register("actor")} />}</Field>
          <Field label="Object id" error={errors.object?.message}>{(ids) => <Input {...ids} autoComplete="off" spellCheck={false} {...form.register("object")} />}</Field>
          <Field label="Request id" error={errors.request?.message}>{(ids) => <Input {...ids} autoComplete="off" spellCheck={false} {...form.register("request")} />}</Field>
          <Field label="From day (UTC)" error={errors.since?.message}>{(ids) => <Input {...ids} type="date" {...form.register("since")} />}</Field>
          <Field label="To day (UTC), included" error={errors.until?.message}>{(ids) => <Input {...ids} type="date" {...form.register("until")} />}</Field>
          <div className="sm:col-span-3"><Button type="submit" variant="primary" size="sm">Filter</Button></div>
        </div>
      ) : null}
      <div role="group" aria-label="Views" className="flex flex-wrap items-center gap-1.5">
        {on.length === 0 ? views.map((v) => <Button key={v.label} size="sm" variant="ghost" className="border border-line" onClick={() => onFilter({ ...noFilter, ...v.filter })}>{v.label}</Button>) : (
          <>
            {on.map((k) => <Button key={k} size="sm" aria-label={`Without ${names[k]} ${filter[k]}`} onClick={() => set({ [k]: null })}><span className="text-muted">{names[k]}</span> <span className="max-w-56 truncate">{k === "actor" ? actorWords(filter.actor ?? "") : filter[k]}</span><X aria-hidden /></Button>)}
            <Button size="sm" variant="ghost" onClick={() => onFilter(noFilter)}>Clear all</Button>
          </>
        )}
      </div>
    </form>
  );
}
