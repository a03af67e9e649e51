"use client";
import "./style-nonce";
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "./classes";

export const Dialog = Radix.Root;
export const DialogTrigger = Radix.Trigger;
export const DialogClose = Radix.Close;

type Props = Omit<ComponentProps<typeof Radix.Content>, "title"> & {
  title: ReactNode;
  description?: ReactNode;
  /** "sheet" comes from the left edge, for navigation on small screens. */
  shape?: "centre" | "sheet";
};

/** What a person writes into or chooses from. */
const FIELDS = "textarea:not(:disabled), select:not(:disabled), input:not(:disabled,[type=hidden])";

/** The first field, not the button that closes: who types at once must not press it with the first space. */
function focusField(event: Event) {
  const field = event.target instanceof HTMLElement ? event.target.querySelector<HTMLElement>(FIELDS) : null;
  if (!field) return;
  event.preventDefault();
  field.focus();
}

export function DialogContent({ title, description, shape = "centre", className, children, ...props }: Props) {
  return (
    <Radix.Portal>
      <Radix.Overlay className="fixed inset-0 z-40 bg-shade" />
      <Radix.Content
        onOpenAutoFocus={focusField}
        {...(description ? {} : { "aria-describedby": undefined })}
        className={cn(
          "fixed z-50 animate-enter overflow-y-auto bg-raised p-4 shadow-raised focus:outline-none",
          shape === "centre"
            ? "top-[8vh] left-1/2 max-h-[84vh] w-[min(34rem,calc(100vw-1.5rem))] -translate-x-1/2 rounded-lg border border-line"
            : "inset-y-0 left-0 w-64 border-r border-line",
          className,
        )}
        {...props}
      >
        <div className="mb-3 flex items-start gap-3">
          <div className="min-w-0 flex-1">
            <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
            {description ? <Radix.Description className="mt-0.5 text-muted">{description}</Radix.Description> : null}
          </div>
          <Radix.Close aria-label="Close" className="rounded-md p-1.5 text-muted hover:bg-hover hover:text-text">
            <X className="size-4" />
          </Radix.Close>
        </div>
        {children}
      </Radix.Content>
    </Radix.Portal>
  );
}
