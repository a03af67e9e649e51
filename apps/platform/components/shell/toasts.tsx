"use client";
import { Toaster } from "sonner";
import "./style-nonce";

const frame = "flex w-full items-center gap-2 rounded-lg border border-line bg-raised px-3 py-2.5 text-sm text-text shadow-raised";

/** Above the decision bar, so that nothing a person may press next is covered. */
export function Toasts() {
  return (
    <Toaster
      position="bottom-right" gap={8} offset={{ bottom: 64, right: 16 }} mobileOffset={{ bottom: 128 }} style={{ fontFamily: "inherit" }}
      toastOptions={{ unstyled: true, classNames: { success: frame, error: `${frame} border-bad/50`, info: frame, title: "font-medium" } }}
    />
  );
}
