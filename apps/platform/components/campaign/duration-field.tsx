"use client";
import type { UseFormRegisterReturn } from "react-hook-form";
import { Field, Input, Select } from "@/components/ui/field";
import { unitSeconds } from "./campaign-schema";

type Props = { label: string; hint: string; error?: string; amount: UseFormRegisterReturn; unit: UseFormRegisterReturn };

export function DurationField({ label, hint, error, amount, unit }: Props) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <div className="grid grid-cols-[minmax(0,1fr)_7.5rem] gap-1.5">
          <Input {...ids} inputMode="numeric" autoComplete="off" {...amount} />
          <Select aria-label={`${label}: unit`} {...unit}>{Object.keys(unitSeconds).map((u) => <option key={u} value={u}>{u}</option>)}</Select>
        </div>
      )}
    </Field>
  );
}
