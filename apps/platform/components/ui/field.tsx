"use client";
import { useId, type ComponentProps, type ReactNode } from "react";
import { cn } from "./classes";

const control = "w-full rounded-md border border-line-strong/60 bg-raised px-2.5 text-text hover:border-line-strong aria-invalid:border-bad disabled:opacity-60";

export function Input({ className, ...props }: ComponentProps<"input">) {
  return <input className={cn(control, "h-8 max-sm:h-11 max-sm:text-base", className)} {...props} />;
}

export function Textarea({ className, ...props }: ComponentProps<"textarea">) {
  return <textarea className={cn(control, "min-h-20 py-2 leading-5 max-sm:text-base", className)} {...props} />;
}

/** The browser's own list: it works by keyboard, touch and screen reader without any code of ours. */
export function Select({ className, ...props }: ComponentProps<"select">) {
  return <select className={cn(control, "h-8 pr-7 max-sm:h-11 max-sm:text-base", className)} {...props} />;
}

type FieldProps = {
  label: ReactNode;
  hint?: ReactNode;
  error?: string;
  className?: string;
  children: (ids: { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean | undefined }) => ReactNode;
};

/** A label, its control, and below it the hint or what is wrong. Spread the ids into the control. */
export function Field({ label, hint, error, className, children }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={cn("grid gap-1", className)}>
      <label htmlFor={id} className="font-medium">{label}</label>
      {children({ id, "aria-describedby": note ? `${id}-note` : undefined, "aria-invalid": error ? true : undefined })}
      {note ? <p id={`${id}-note`} className={cn("text-xs", error ? "text-bad" : "text-muted")}>{note}</p> : null}
    </div>
  );
}
