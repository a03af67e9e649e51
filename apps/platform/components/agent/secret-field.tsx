"use client";
import type { UseFormRegisterReturn } from "react-hook-form";
import { Field, Input } from "@/components/ui/field";

/** A write-only field: masked, kept out of password managers' and the browser's memory. */
export function SecretField({ hint, error, field }: { hint: string; error: string | undefined; field: UseFormRegisterReturn }) {
  return <Field label="Secret" hint={`${hint} It is sealed at once and can never be read back, only replaced.`} error={error}>{(ids) => <Input {...ids} type="password" autoComplete="new-password" data-1p-ignore data-lpignore="true" spellCheck={false} {...field} />}</Field>;
}
