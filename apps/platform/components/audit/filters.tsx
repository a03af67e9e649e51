"use client";
import { zodResolver } from "@hookform/resolvers/zod";
import { useId } from "react";
import { useForm } from "react-hook-form";
import { z } from "zod";
import { actionSchema, objectSchema, requestSchema, type AuditFilter } from "@/app/t/[tenant]/audit/params";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { knownActions } from "./sentences";

const none = z.literal("");
const schema = z.object({ action: none.or(actionSchema), object: none.or(objectSchema), request: none.or(requestSchema) });

type Props = { filter: AuditFilter; onFilter: (next: AuditFilter) => void };

/** Each filter goes into the URL, and a change of the URL into the fields. */
export function Filters({ filter, onFilter }: Props) {
  const list = useId();
  const form = useForm<z.input<typeof schema>>({ resolver: zodResolver(schema), values: { action: filter.action ?? "", object: filter.object ?? "", request: filter.request ?? "" } });
  const errors = form.formState.errors;
  const submit = form.handleSubmit((v) => onFilter({ action: v.action.trim() || null, object: v.object.trim() || null, request: v.request.trim() || null }));
  return (
    <form onSubmit={submit} noValidate className="grid items-start gap-2 border-b border-line p-3 sm:grid-cols-[1fr_1fr_1fr_auto]">
      <Field label="Action" error={errors.action?.message}>{(ids) => <Input {...ids} list={list} placeholder="review.approved" autoCapitalize="none" autoComplete="off" spellCheck={false} {...form.register("action")} />}</Field>
      <datalist id={list}>{knownActions.map((a) => <option key={a} value={a} />)}</datalist>
      <Field label="Object id" error={errors.object?.message}>{(ids) => <Input {...ids} autoComplete="off" spellCheck={false} {...form.register("object")} />}</Field>
      <Field label="Request id" error={errors.request?.message}>{(ids) => <Input {...ids} autoComplete="off" spellCheck={false} {...form.register("request")} />}</Field>
      <div className="flex gap-1.5 sm:pt-6">
        <Button type="submit" variant="primary">Filter</Button>
        {filter.action ?? filter.object ?? filter.request ? <Button onClick={() => onFilter({ action: null, object: null, request: null })}>Clear</Button> : null}
      </div>
    </form>
  );
}
