"use client";
import { Toaster } from "sonner";

export function Toasts() {
  return (
    <Toaster
      position="bottom-right" gap={8} visibleToasts={5} closeButton={false}
      toastOptions={{ unstyled: true, classNames: { toast: "flex w-full items-center gap-2 rounded-lg border border-line bg-raised px-3 py-2.5 text-sm text-text shadow-raised", title: "font-medium", description: "text-muted", error: "border-bad/40" } }}
    />
  );
}
