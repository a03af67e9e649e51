"use client";
import type { ComponentProps } from "react";
import { useSession } from "@/lib/session/use-session";

export function UserButton(props: ComponentProps<"button">) {
  const { email, subject } = useSession();
  const who = email || subject;
  return (
    <button type="button" aria-haspopup="menu" {...props} className="grid size-8 place-items-center rounded-full bg-sunken text-xs font-semibold text-muted uppercase ring-1 ring-line hover:text-text max-sm:size-10">
      <span aria-hidden>{who.slice(0, 2)}</span>
      <span className="sr-only normal-case">Account: {who}</span>
    </button>
  );
}
