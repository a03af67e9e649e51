import type { ReactNode } from "react";

export function FormSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="grid min-w-0 gap-3 sm:grid-cols-[9rem_minmax(0,1fr)]">
      <legend className="float-left pb-1 text-base font-semibold">{title}</legend>
      <div className="grid min-w-0 gap-3 sm:col-start-2">{children}</div>
    </fieldset>
  );
}
