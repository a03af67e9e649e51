"use client";
import { Tooltip as Radix } from "radix-ui";
import type { ReactNode } from "react";

export const TooltipProvider = Radix.Provider;

/** Says more about its child on hover and focus. The child must take a ref and be focusable. */
export function Tooltip({ content, children, side }: { content: ReactNode; children: ReactNode; side?: "top" | "right" | "bottom" | "left" }) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content side={side} sideOffset={5} collisionPadding={8} className="z-50 max-w-72 rounded-md bg-text px-2 py-1 text-xs text-surface shadow-raised">
          {content}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
